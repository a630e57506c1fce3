"""`grader watch`: runs the checks of an exercise again whenever its file is saved.

There are two processes. The front end reads keys and file events, and prints; it does not import
torch. The warm process (`warm`) has imported everything that checks need, and forks a child for
each run. Where forking is not safe, a warm process runs the checks only once, and the next one
warms up while the learner reads the results.
"""
