"""TRUSTED: one exercise's checks on one submission, and the messages that learners see.

A check sees the learner's code through `Submission` alone, whether that runs in this process or in
the sandbox.
"""
