"""Reads what students hand in, a Python file or a notebook, as the Python text to grade."""
