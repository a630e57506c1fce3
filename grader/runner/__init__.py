"""UNTRUSTED: executes a learner's code and answers the judge's requests.

No module in this package knows a check, an expected value or a verdict.
"""
