"""`grader audit`: the course's checks on its own stubs, solutions, mutants and variants.

A mutant (`tests/mutants/NN/*.py`) makes one mistake, a variant (`tests/variants/NN/*.py`) is right
and written otherwise. Both hold only the functions that they change: the answer is the solution's
text with these definitions after it. The last line of a mutant's docstring names the check that
must fail: `Fails: 03.swap_head.dropout`.
"""
