"""A submission cannot reveal hidden inputs in the text or the class of an exception.

Runs: leak, lines
"""

import linecache


def leak(*arguments, **options):
    text = f"LEAK{arguments} {options}".replace("\n", " ")

    def lines(*rest):
        payload_ran("lines")
        return [text] * 9999

    linecache.getlines = linecache.updatecache = lines
    payload_ran("leak")
    raise type(text, (Exception,), {})(f"\nbecause   {text}\nwhere     {text}")


find_head = swap_head = mlp_head = leak
