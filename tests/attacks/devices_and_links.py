"""A submission cannot open devices, or make links, pipes and devices in the file system."""

import os
import stat

ATTEMPTS = (
    lambda: os.mknod("null", stat.S_IFCHR | 0o666, os.makedev(1, 3)),
    lambda: os.mkfifo("pipe"),
    lambda: os.symlink("/etc/passwd", "link"),
    lambda: os.link("head.py", "hard"),
    lambda: os.open("/dev/mem", os.O_RDONLY),
    lambda: os.open("/dev/tty", os.O_RDWR),
    lambda: os.open("/dev/ptmx", os.O_RDWR),
    lambda: os.open("/etc/passwd", os.O_RDONLY),
    lambda: os.open("/etc/hostname", os.O_RDONLY),
)
for attempt in ATTEMPTS:
    try:
        attempt()
    except OSError:
        continue
    exec(PRIZE, globals())
payload_ran()
