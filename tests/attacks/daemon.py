"""A submission cannot start another program, or leave one behind."""

import os
import subprocess
import sys

COMMANDS = (["/bin/sleep", "20"], ["/usr/bin/sleep", "20"], [sys.executable, "-c", "pass"])
for command in COMMANDS:
    try:
        subprocess.Popen(command, start_new_session=True)
        exec(PRIZE, globals())
    except OSError:
        pass
    try:
        os.posix_spawn(command[0], command, {})
        exec(PRIZE, globals())
    except OSError:
        pass
payload_ran()
