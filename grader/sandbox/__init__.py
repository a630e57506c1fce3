"""The sandbox: where a submission runs when a class is graded.

The threat: the author of a submission may want more points than it deserves, or may have made a
mistake that exhausts the machine's resources. The submission runs as Python code in a process that
has torch loaded, so nothing inside that process can be trusted.

The defence: that process is forked from a server that has already imported torch, and locked down
before it receives the submission. It has no network and cannot reach other processes. It can open
only Python's libraries, the allow-listed parts of the kit and a small scratch folder. Its CPU time,
memory, files and output are limited. It knows no check, no expected value and no verdict. It
receives requests through one socket, in frames of bounded size.
"""
