"""Grades a class: reads what was handed in, runs the jobs, keeps the journal, writes results."""
