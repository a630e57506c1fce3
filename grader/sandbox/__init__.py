"""The sandbox: where a submission runs when a class is graded.

The threat: a submission is code by somebody who would like more points than it deserves, or who
made a mistake that eats the machine. It runs as Python in a process that has torch loaded, so
nothing inside that process can be trusted.

The answer: that process is forked from a warm one and locked down before it sees the submission's
first line. It has no network, no other process, no file but Python's libraries and a small scratch
folder, a bounded amount of CPU time, memory, files and output; it knows no check, no expected value
and no verdict. It is asked for answers through one socket, in frames of bounded size.
"""
