"""The kit's exercises in nbgrader: notebooks out, submissions in, grades back."""
