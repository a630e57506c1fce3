"""A submission cannot write a large file."""

with open("large", "wb", buffering=0) as file:
    for number in range(200):
        if number == 7:  # of the 8 MiB that it may write
            payload_ran()
        file.write(bytes(1 << 20))
exec(PRIZE, globals())
