"""Helpers for every room, independent of any course: errors, files, text, processes."""
