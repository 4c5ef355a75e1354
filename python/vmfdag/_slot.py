"""What a worker of an engine executes: a unit, with its standard input and output on a connection to the run.

Its text travels to the worker, which needs neither this package nor any other. So it imports the standard library only.
"""

import hashlib
import hmac
import os
import socket
import subprocess
import tempfile

CONNECT_SECONDS = 30
NONCE_BYTES = 32
#: How much of what the unit prints is told.
LONGEST_WORDS = 16 * 1024


def serve(host: str, port: int, token: str, slot: int, command: "list[str]") -> "dict[str, str]":
    """Executes jobs of the run until it ends the connection. Returns how the unit ended, and what it said."""
    try:
        connection = connect(host, port, bytes.fromhex(token), slot)
    except OSError as error:
        here = socket.gethostname()
        fact = f"got no connection to the run at {host}:{port} from {here} ({error})"
        return ended(f'{fact}; the key "listen" of the executor names another address')
    # A file, since a program that the unit leaves behind would keep a pipe open.
    with connection, tempfile.TemporaryFile() as said:
        try:
            unit = subprocess.Popen(command, stdin=connection.fileno(), stdout=connection.fileno(), stderr=said)
        except OSError as error:
            return ended(f"could not be started on {socket.gethostname()} ({error})")
        # The unit alone holds it now: its end is the end of the connection.
        connection.close()
        try:
            code = unit.wait()
        finally:
            unit.kill()
        size = said.seek(0, os.SEEK_END)
        said.seek(max(0, size - LONGEST_WORDS))
        words = said.read().decode("utf-8", "replace")
    return ended(f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}", words)


def ended(how: str, words: str = "") -> "dict[str, str]":
    return {"how": how, "words": words}


def connect(host: str, port: int, token: bytes, slot: int) -> socket.socket:
    """Each side proves to the other that it knows the token, which does not travel here."""
    connection = socket.create_connection((host, port), CONNECT_SECONDS)
    try:
        own = os.urandom(NONCE_BYTES)
        other = receive(connection, NONCE_BYTES)
        said = slot.to_bytes(8, "big") + other + own
        connection.sendall(said[:8] + own + proof(token, b"unit", said))
        if not hmac.compare_digest(receive(connection, NONCE_BYTES), proof(token, b"run", said)):
            raise ConnectionError("what answers there is not the run")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A run whose machine has gone never ends the connection.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 20), ("TCP_KEEPCNT", 6)):
            if hasattr(socket, name):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        connection.settimeout(None)
    except BaseException:
        connection.close()
        raise
    return connection


def proof(token: bytes, side: bytes, said: bytes) -> bytes:
    return hmac.new(token, b"vmfdag " + side + said, hashlib.sha256).digest()


def receive(connection: socket.socket, count: int) -> bytes:
    """Exactly so many bytes: what follows is for the unit."""
    found = b""
    while len(found) < count:
        part = connection.recv(count - len(found))
        if not part:
            raise ConnectionError("the run has ended the connection: this slot is not wanted any more")
        found += part
    return found
