"""The scenes of every exercise, in a module with the name of the exercise's."""
