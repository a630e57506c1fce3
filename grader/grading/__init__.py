"""A class: what was handed in, the jobs that grade it, the journal, `results.json`."""
