"""Sits on a running server with idle and slow connections, for measuring the others beside them.

    python3 bench/load/crowd.py --port 8080 --idle 5000 --slow 200 -- COMMAND

Opens the connections, runs COMMAND while the slow ones send and read a byte at a time, and says how
many of them were left at the end. A third each of the slow: a head that never ends, a body that
never comes, an answer that is never read.
"""
import argparse
import resource
import socket
import subprocess
import sys
import threading
import time

HEAD = b"POST /v1/track HTTP/1.1\r\nHost: local"
BODY = b"POST /v1/track HTTP/1.1\r\nHost: local\r\nContent-Length: 100000\r\n\r\n{"
READER = b"GET /sign-in HTTP/1.1\r\nHost: local\r\n\r\n" * 64


class Slow:
    """A slow client; it comes again when it was thrown out."""

    def __init__(self, port, first, trickle):
        self.port, self.first, self.trickle = port, first, trickle
        self.thrown_out = 0
        self.open()

    def open(self):
        self.socket = socket.create_connection(("127.0.0.1", self.port))
        self.socket.settimeout(1)
        self.socket.send(self.first)

    def go_on(self):
        try:
            if self.trickle:
                self.socket.send(self.trickle)
        except OSError:
            self.thrown_out += 1
            self.socket.close()
            self.open()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--idle", type=int, default=5000)
    parser.add_argument("--slow", type=int, default=200)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    idle = [socket.create_connection(("127.0.0.1", arguments.port)) for _ in range(arguments.idle)]
    kinds = [(HEAD, b"x"), (BODY, b" "), (READER, b"")]
    slow = [Slow(arguments.port, *kinds[i % 3]) for i in range(arguments.slow)]
    done = threading.Event()

    def trickle():
        while not done.is_set():
            for client in slow:
                client.go_on()
            time.sleep(0.5)

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        status = subprocess.run(arguments.command, check=False).returncode
    finally:
        done.set()
        thread.join()
    left = 0
    for client in idle:
        client.setblocking(False)
        try:
            left += client.recv(1) != b""
        except BlockingIOError:
            left += 1
    print(f"{left} of {len(idle)} idle connections are left; "
          f"slow ones were thrown out {sum(c.thrown_out for c in slow)} times")
    sys.exit(status)


if __name__ == "__main__":
    main()
