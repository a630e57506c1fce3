"""A submission cannot hang the grading inside a call of C code, which no exception interrupts."""

from itertools import repeat

payload_ran()
sum(repeat(0, 6_000_000_000))
