"""The course: its settings in `course.yaml`, lessons, stubs, points and the late policy."""
