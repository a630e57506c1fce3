"""A submission cannot raise an error that is of every type, and so of the expected one."""

import builtins

KINDS = [kind.__name__ for kind in vars(builtins).values() if isinstance(kind, type)]


def everything(*arguments, **options):
    error = Exception
    for name in sorted(KINDS, key=lambda name: name.endswith("Error")):
        error = type(name, (error,), {})
    payload_ran()
    raise type("ValueError", (error,), {})("whatever you expect")


find_head = mlp_head = everything
