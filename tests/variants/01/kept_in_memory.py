"""Pretrained models are read once and kept in memory; each call hands out a copy."""

import copy
import functools


@functools.lru_cache(maxsize=4)
def _pretrained(name, entry):
    return get_model(name, weights=entry).eval()


def load_pretrained(name, weights="DEFAULT"):
    entry = _weights_entry(name, weights)
    if entry is None:
        return get_model(name, weights=None).eval()
    return copy.deepcopy(_pretrained(name, entry))
