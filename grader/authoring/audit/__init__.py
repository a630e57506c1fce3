"""`grader audit`: runs the course's checks on its own stubs, solutions, mutants and variants.

A mutant (`tests/mutants/NN/*.py`) makes one mistake. A variant (`tests/variants/NN/*.py`) is
correct, but written differently. Both contain only the functions that they change; these
definitions are appended to the solution's text. The last line of a mutant's docstring names the
check that must fail: `Fails: 03.swap_head.dropout`.
"""
