"""What a learner runs and sees: summary, watch, hints, progress, compare, reset, doctor."""
