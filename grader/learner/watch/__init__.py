"""`grader watch`: the checks of an exercise run again whenever its file is saved.

Two processes. This one reads keys and file events, and prints; it imports no torch. The other one
(`warm`) has imported everything that checks need, and forks a process for each run; where forking
is not safe, it runs once, and the next one warms up while the learner reads.
"""
