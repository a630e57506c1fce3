"""UNTRUSTED: executes a learner's code and answers the judge's requests.

Nothing here knows a check, an expected value or a verdict.
"""
