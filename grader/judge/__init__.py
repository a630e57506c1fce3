"""TRUSTED: one exercise's checks on one submission, and what learners are told.

A check sees the learner's code through `Submission` alone, whether that runs in this process or in
the sandbox.
"""
