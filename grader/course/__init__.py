"""The course: what `course.yaml` says, lessons, stubs, points and the late policy."""
