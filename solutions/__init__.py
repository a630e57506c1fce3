"""The reference answers: `solutions/head.py` answers `exercises/03/head.py`, name for name."""
