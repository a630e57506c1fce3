"""A submission cannot raise an error that is of every type, and so of the expected one."""


def everything(*arguments, **options):
    kinds = [kind for kind in vars(__import__("builtins")).values() if isinstance(kind, type)]
    names = [kind.__name__ for kind in kinds if issubclass(kind, Exception)]
    raise type("ValueError", (ValueError,), {"names": names})(names)


find_head = mlp_head = everything
