"""A submission cannot raise an error that is of every type, and so of the expected one.

It is a ValueError: where that alone is expected, it is honestly raised.
Earns at most: 0.5
"""


def everything(*arguments, **options):
    kinds = [kind for kind in vars(__import__("builtins")).values() if isinstance(kind, type)]
    names = [kind.__name__ for kind in kinds if issubclass(kind, Exception)]
    raise type("ValueError", (ValueError,), {"names": names})(names)


find_head = mlp_head = everything
