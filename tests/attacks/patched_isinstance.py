"""A submission cannot pass by making everything an instance of everything."""

import builtins

builtins.isinstance = builtins.issubclass = builtins.callable = lambda *arguments: True
builtins.len = lambda value: 10
builtins.hasattr = lambda value, name: True
