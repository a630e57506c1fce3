"""Imports torchvision in a tenth of the time. Whoever wants that imports this module first.

torchvision takes one function, `is_compile_supported`, from torch's compiler, and so imports all of
the compiler, which takes as long as the rest of torch. Here it gets a stand-in, which imports the
compiler when it is called. Code that uses the compiler or an optimizer imports it then, as it does
without torchvision.
"""

import importlib
import sys
from types import ModuleType
from typing import Final

COMPILER: Final = "torch._dynamo.utils"


def is_compile_supported(device_type: str) -> bool:
    """Whether torch's compiler works for a type of devices, such as "cuda"."""
    return bool(importlib.import_module(COMPILER).is_compile_supported(device_type))


if not {"torchvision", COMPILER} & set(sys.modules):
    stand_in = ModuleType(COMPILER)
    stand_in.is_compile_supported = is_compile_supported  # type: ignore[attr-defined]
    sys.modules[COMPILER] = stand_in
    try:
        importlib.import_module("torchvision")
    except ImportError:  # another version asks the compiler for more: then all of it is imported
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
    finally:
        del sys.modules[COMPILER]
