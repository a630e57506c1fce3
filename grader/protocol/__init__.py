"""What crosses the border between the trusted judge and the untrusted runner, and nothing else."""
