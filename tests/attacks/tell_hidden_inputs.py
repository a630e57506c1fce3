"""A submission cannot carry hidden inputs home in the text or the class of an exception."""

import linecache


def leak(*arguments, **options):
    text = f"LEAK{arguments} {options}".replace("\n", " ")
    linecache.getlines = linecache.updatecache = lambda *rest: [text] * 9999
    raise type(text, (Exception,), {})(f"\nbecause   {text}\nwhere     {text}")


find_head = swap_head = mlp_head = leak
