"""A submission cannot hang the judge by replacing the runner's socket.

Runs: sendall, send, receive
"""

import socket
import sys

FRAMES = "grader.sandbox.frames"
Stream = sys.modules[FRAMES].Stream


def sendall(self, data):
    payload_ran("sendall")
    Stream.send = send  # the next time


def send(self, frame, deadline=None):
    payload_ran("send")


def receive(self, deadline=None, largest=0):
    payload_ran("receive")
    return b""


socket.socket.sendall, Stream.receive = sendall, receive
raise RuntimeError("nobody hears this")
