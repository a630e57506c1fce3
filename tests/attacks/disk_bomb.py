"""A submission cannot write a large file."""

with open("large", "wb", buffering=0) as file:
    for _ in range(200):
        file.write(bytes(1 << 20))
exec(PRIZE, globals())
