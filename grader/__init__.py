"""Everything that grades, reports and releases.

Importing this package imports neither the checks nor the solutions: a learner's bundle has neither.
"""
