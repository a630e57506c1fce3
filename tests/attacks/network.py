"""A submission cannot reach the network, or this machine through it."""

import errno
import socket

REFUSED_HERE = {errno.EPERM, errno.EACCES, errno.ENETUNREACH, errno.EAFNOSUPPORT}
for address in (("127.0.0.1", 9), ("192.0.2.1", 80)):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(socket.AF_INET, kind) as connection:
                connection.settimeout(1)
                connection.connect(address)
                exec(PRIZE, globals())
        except OSError as error:
            if error.errno not in REFUSED_HERE:
                exec(PRIZE, globals())
payload_ran()
