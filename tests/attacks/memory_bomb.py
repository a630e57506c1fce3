"""A submission cannot take more memory than its limit."""

blocks = []
try:
    for _ in range(13):
        blocks.append(bytearray(b"x") * (64 << 20))
    exec(PRIZE, globals())
except MemoryError:
    payload_ran()
    raise
