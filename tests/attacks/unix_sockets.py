"""A submission cannot reach services of this machine through UNIX sockets."""

import socket

ADDRESSES = ("/run/systemd/journal/socket", "/dev/log", "\0grader-attack", "/tmp/grader-attack")
for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
    for address in ADDRESSES:
        try:
            one, other = socket.socketpair(socket.AF_UNIX, kind)
        except OSError:
            continue
        try:
            one.connect(address)
            exec(PRIZE, globals())
        except PermissionError:
            pass
        except OSError:  # it looked for the address
            exec(PRIZE, globals())
payload_ran()
