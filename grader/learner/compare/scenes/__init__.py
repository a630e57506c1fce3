"""The scenes of each exercise, in a module named like the exercise's own module."""
