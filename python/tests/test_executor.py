from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent
TOKEN = bytes(range(32))
CAT = [sys.executable, "-c", "import shutil, sys; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)"]


class Bridge:
    """A bridge, as a run has it."""

    def __init__(self, factory: str, folder: Path, options: dict | None = None, slots: int = 2) -> None:
        environment = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vmfdag.executor", factory],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        self.tell({"type": "begin", "options": options or {}, "slots": slots})

    def tell(self, message: dict) -> None:
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> dict:
        return json.loads(self.process.stdout.readline())

    def end(self) -> int:
        self.process.stdin.close()
        return self.process.wait(15)


@pytest.fixture
def bridges(tmp_path: Path):
    made: list[Bridge] = []

    def make(factory: str = "vmfdag.executors:processes", **more) -> Bridge:
        made.append(Bridge(factory, tmp_path, **more))
        return made[-1]

    yield make
    for bridge in made:
        if bridge.process.poll() is None:
            os.killpg(bridge.process.pid, signal.SIGKILL)
        bridge.process.wait()
        bridge.process.stdin.close()
        bridge.process.stdout.close()


class Run:
    """Listens as a run does."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(30)
        self.connections: list[socket.socket] = []

    def arguments(self, slot: int, command: list[str]) -> list:
        return ["127.0.0.1", self.server.getsockname()[1], TOKEN.hex(), slot, command]

    def accept(self, token: bytes = TOKEN) -> tuple[socket.socket, int]:
        connection, _ = self.server.accept()
        self.connections.append(connection)
        connection.settimeout(30)
        own = os.urandom(32)
        connection.sendall(own)
        answer = received(connection, 72)
        said = answer[:8] + own + answer[8:40]
        assert answer[40:] == hmac.new(TOKEN, b"vmfdag unit" + said, hashlib.sha256).digest()
        connection.sendall(hmac.new(token, b"vmfdag run" + said, hashlib.sha256).digest())
        return connection, int.from_bytes(answer[:8], "big")


@pytest.fixture
def run():
    made = Run()
    yield made
    for each in (made.server, *made.connections):
        each.close()


def received(connection: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = connection.recv(count - len(found))
        assert part
        found += part
    return found


def test_a_unit_has_the_connection_as_its_standard_input_and_output(bridges, run):
    bridge = bridges()
    assert bridge.hear() == {"type": "ready", "address": "127.0.0.1"}
    for slot in (1, 2):
        bridge.tell({"type": "open", "slot": slot, "arguments": run.arguments(slot, CAT)})
    connections = dict(reversed(run.accept()) for _ in range(2))
    assert sorted(connections) == [1, 2]
    for slot, connection in connections.items():
        connection.sendall(b"bytes of %d" % slot)
        connection.shutdown(socket.SHUT_WR)
        assert received(connection, 10) == b"bytes of %d" % slot
        assert connection.recv(1) == b""
        connection.close()
    ends = sorted((bridge.hear() for _ in range(2)), key=lambda each: each["slot"])
    assert ends == [{"type": "closed", "slot": slot, "how": "ended with exit code 0", "words": ""} for slot in (1, 2)]
    bridge.end()


def test_how_a_unit_ended_and_what_it_said_is_told(bridges, run):
    bridge = bridges()
    bridge.hear()
    scripts = {
        1: [sys.executable, "-c", "import sys; sys.exit('no module of that name')"],
        2: [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"],
        3: ["/is/not/there"],
    }
    for slot, command in scripts.items():
        bridge.tell({"type": "open", "slot": slot, "arguments": run.arguments(slot, command)})
    for _ in scripts:
        run.accept()[0].close()
    ends = {end["slot"]: end for end in (bridge.hear() for _ in scripts)}
    assert ends[1]["how"] == "ended with exit code 1"
    assert ends[1]["words"].strip() == "no module of that name"
    assert ends[2]["how"] == "was killed by signal 9"
    assert "could not be started" in ends[3]["how"] and "/is/not/there" in ends[3]["how"]
    bridge.end()


def test_a_unit_is_not_started_for_a_run_that_does_not_know_the_token(bridges, run, tmp_path):
    bridge = bridges()
    bridge.hear()
    made = tmp_path / "made"
    command = [sys.executable, "-c", f"open({str(made)!r}, 'w')"]
    bridge.tell({"type": "open", "slot": 1, "arguments": run.arguments(1, command)})
    connection, _ = run.accept(token=bytes(32))
    assert connection.recv(1) == b""
    assert "what answers there is not the run" in bridge.hear()["how"]
    assert not made.exists()
    bridge.end()


def test_a_run_that_is_not_reached_is_named(bridges, run):
    bridge = bridges()
    bridge.hear()
    arguments = run.arguments(1, CAT)
    run.server.close()
    bridge.tell({"type": "open", "slot": 1, "arguments": arguments})
    how = bridge.hear()["how"]
    assert how.startswith(f"got no connection to the run at 127.0.0.1:{arguments[1]} from ")
    bridge.end()


def test_a_pool_that_a_killed_process_has_broken_is_replaced(bridges, run):
    bridge = bridges(slots=1)
    bridge.hear()
    kill_parent = [sys.executable, "-c", "import os; os.kill(os.getppid(), 9)"]
    bridge.tell({"type": "open", "slot": 1, "arguments": run.arguments(1, kill_parent)})
    run.accept()[0].close()
    end = bridge.hear()
    assert end["how"].startswith("was lost: BrokenProcessPool")
    bridge.tell({"type": "open", "slot": 2, "arguments": run.arguments(2, CAT)})
    connection, slot = run.accept()
    assert slot == 2
    connection.close()
    assert bridge.hear()["how"] == "ended with exit code 0"
    bridge.end()


def test_what_waits_in_the_queue_can_be_closed(bridges, run):
    bridge = bridges(slots=1)
    bridge.hear()
    for slot in (1, 2, 3, 4, 5):
        bridge.tell({"type": "open", "slot": slot, "arguments": run.arguments(slot, CAT)})
    first, slot = run.accept()
    assert slot == 1
    for waiting in (3, 4, 5):
        bridge.tell({"type": "close", "slot": waiting})
    # So that the bridge has read them before the pool is free.
    time.sleep(0.2)
    first.close()
    second, slot = run.accept()
    second.close()
    ends = [bridge.hear() for _ in range(2)]
    assert [end["slot"] for end in ends] == [1, 2]
    bridge.end()


def test_a_run_that_was_killed_in_the_middle_of_a_line_ends_all(bridges):
    bridge = bridges(slots=1)
    bridge.hear()
    bridge.process.stdin.write(b'{"type": "open", "slot": 1, "argum')
    assert bridge.end() == -signal.SIGKILL


BUSY = """
from concurrent.futures import Future

class Busy:
    \"\"\"Takes a function, and then none for a while. What it has taken waits.\"\"\"

    def __init__(self):
        self.asked = 0
        self.waiting = None

    def submit(self, function, *arguments):
        self.asked += 1
        if self.asked == 2:
            raise RuntimeError("no room")
        if self.asked == 3:
            self.waiting.set_result({"how": "was served after all", "words": ""})
        self.waiting = Future()
        return self.waiting

    def shutdown(self):
        self.waiting.cancel()

def make():
    return Busy()
"""


def test_an_engine_that_takes_no_more_for_a_while_keeps_what_it_has(bridges, run, tmp_path):
    (tmp_path / "busy.py").write_text(BUSY)
    bridge = bridges("busy:make")
    bridge.hear()
    for slot in (1, 2, 3):
        bridge.tell({"type": "open", "slot": slot, "arguments": run.arguments(slot, CAT)})
    refused, served = bridge.hear(), bridge.hear()
    assert refused == {"type": "closed", "slot": 2, "how": "could not be submitted: RuntimeError: no room", "words": ""}
    assert served == {"type": "closed", "slot": 1, "how": "was served after all", "words": ""}
    bridge.end()


def test_the_end_of_the_input_ends_all(bridges, run):
    bridge = bridges(slots=1)
    bridge.hear()
    endless = [sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(600)"]
    bridge.tell({"type": "open", "slot": 1, "arguments": run.arguments(1, endless)})
    connection, _ = run.accept()
    assert received(connection, 5) == b"begun"
    begun = time.monotonic()
    assert bridge.end() == -signal.SIGKILL
    assert time.monotonic() - begun < 12
    with pytest.raises(ProcessLookupError):
        for _ in range(100):
            os.killpg(bridge.process.pid, 0)
            time.sleep(0.05)


FACTORIES = """
import sys
from concurrent.futures import ThreadPoolExecutor

print("what an engine prints is no message")

def wrong(**options):
    raise ValueError(f"no queue of the name {options['queue']}")

def nothing():
    return 5

def not_installed():
    import an_engine_that_is_not_there

class Mine(ThreadPoolExecutor):
    address = "login1"

def mine(slots, prefix="t"):
    return Mine(slots, thread_name_prefix=prefix)
"""


@pytest.mark.parametrize(
    ("factory", "options", "fact", "fix"),
    [
        ("engines:wrong", {"queue": "a"}, "engines:wrong: ValueError: no queue of the name a", "options"),
        ("engines:mine", {"suffix": 1}, "unexpected keyword argument 'suffix'", "options"),
        ("engines:nothing", {}, "engines:nothing gave int, which has no submit", "return an object with submit"),
        ("engines:not_there", {}, "has no attribute 'not_there'", "engines:not_there"),
        ("enginez:mine", {}, "No module named 'enginez'", "modules are found in"),
        ("engines:not_installed", {}, "No module named 'an_engine_that_is_not_there'", "-m pip install an_engine_that_is_not_there"),
    ],
)
def test_what_is_wrong_with_a_factory_is_said_with_what_to_do(bridges, tmp_path, factory, options, fact, fix):
    (tmp_path / "engines.py").write_text(FACTORIES)
    bridge = bridges(factory, options=options)
    answer = bridge.hear()
    assert answer["type"] == "unusable"
    assert fact in answer["fact"]
    assert fix in answer["fix"]
    bridge.process.wait(10)


def test_a_factory_of_ones_own_says_where_the_run_is_reached(bridges, tmp_path, run):
    (tmp_path / "engines.py").write_text(FACTORIES)
    bridge = bridges("engines:mine", options={"prefix": "mine"})
    assert bridge.hear() == {"type": "ready", "address": "login1"}
    bridge.tell({"type": "open", "slot": 1, "arguments": run.arguments(1, CAT)})
    run.accept()[0].close()
    assert bridge.hear()["how"] == "ended with exit code 0"
    bridge.end()


def test_check_says_where_functions_are_executed(tmp_path):
    (tmp_path / "engines.py").write_text(FACTORIES)
    line = [sys.executable, "-m", "vmfdag.executor", "--check", "engines:mine", '{"prefix": "mine"}']
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=30)
    assert done.returncode == 0
    assert f"engines:mine executes functions on {socket.gethostname()}" in done.stderr
    assert "they reach this machine at login1" in done.stderr
