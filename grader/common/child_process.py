"""Child processes that answer in lines of JSON, and the environment that keeps them to one core."""

from typing import Final

# Threads that wait for one another by spinning would take the neighbours' cores.
SINGLE_THREAD: Final = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)
