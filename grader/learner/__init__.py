"""What a learner runs and sees: the summary, watch, hints, progress, compare, reset, doctor."""
