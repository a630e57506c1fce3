"""What every room may use, and what knows nothing of courses: errors, files, text, processes."""
