"""The bridge between a run and an engine that takes functions and gives futures: ``python -m vmfdag.executor MODULE:FACTORY``.

The run speaks JSON lines over standard input and output. A factory gives an object with ``submit(function, *arguments)``,
which returns a future with ``add_done_callback``, ``result`` and ``cancel``, as ``concurrent.futures`` has them. For each slot of
the run one function is submitted. It lasts as long as the run needs the slot, and connects a unit to the run. ``python/README.md``
has the messages; ``vmfdag.executors`` has factories.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import json
import os
import queue
import signal
import socket
import sys
import threading
import traceback
from concurrent.futures import CancelledError
from pathlib import Path
from typing import Any, Callable

#: An engine that has not ended by then is killed with its processes.
ORDERLY_END_SECONDS = 8.0
#: Of `--check`.
CHECK_SECONDS = 120

#: Workers of an engine do not have this package: they evaluate its text.
_CALL = "(lambda names: exec(source, names) or names['serve'](*arguments))({'__name__': 'vmfdag_slot'})"


class Unusable(Exception):
    """The engine cannot be used at all. The words say why, and what to do."""

    def __init__(self, fact: str, fix: str) -> None:
        super().__init__(fact)
        self.fact = fact
        self.fix = fix


class Bridge:
    """Submits a function for each slot, and tells how each ended."""

    def __init__(self, make: Callable[[], Any], tell: Callable[[dict[str, Any]], None]) -> None:
        self._make = make
        self._tell = tell
        self._futures: dict[int, Any] = {}
        self._source = (Path(__file__).parent / "_slot.py").read_text(encoding="utf-8")
        self.engine = make()

    def open(self, slot: int, arguments: list[Any]) -> None:
        call = {"source": self._source, "arguments": arguments}
        try:
            try:
                future = self.engine.submit(eval, _CALL, call)
            except Exception:
                # Nobody tells how the others end once their engine is given up.
                if self._futures:
                    raise
                # A pool that has lost a process takes nothing any more, and a new one does.
                self.shut_down()
                self.engine = self._make()
                future = self.engine.submit(eval, _CALL, call)
        except Exception as error:
            self._close(slot, f"could not be submitted: {_words(error)}")
            return
        self._futures[slot] = future
        future.add_done_callback(lambda done: self._has_ended(slot, done))

    def close(self, slot: int) -> None:
        """Forgets a slot. If it waits in a queue, it leaves the queue."""
        future = self._futures.pop(slot, None)
        if future is not None:
            # Parsl has no way to cancel. What begins later gets no connection, and ends.
            with contextlib.suppress(Exception):
                future.cancel()

    def shut_down(self) -> None:
        for slot in list(self._futures):
            self.close(slot)
        end = getattr(self.engine, "shutdown", None)
        if end is None:
            return
        # An engine that does not end in order is ended with this process.
        with contextlib.suppress(Exception):
            end()

    def _has_ended(self, slot: int, future: Any) -> None:
        if self._futures.pop(slot, None) is None:
            return
        try:
            result = future.result()
            self._close(slot, result["how"], result["words"])
        except CancelledError:
            self._close(slot, "was cancelled by the engine")
        except BaseException as error:  # An engine may use any class.
            self._close(slot, f"was lost: {_words(error)}")

    def _close(self, slot: int, how: str, words: str = "") -> None:
        self._tell({"type": "closed", "slot": slot, "how": how, "words": words})


def make_engine(name: str, options: dict[str, Any], slots: int) -> Any:
    """Calls a factory. A parameter ``slots`` of it gets the number of slots."""
    module_name, _, path = name.partition(":")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    try:
        factory: Any = importlib.import_module(module_name)
        for part in path.split("."):
            factory = getattr(factory, part)
        given = dict(options)
        if "slots" in inspect.signature(factory).parameters:
            given.setdefault("slots", slots)
        engine = factory(**given)
    except Unusable:
        raise
    except ModuleNotFoundError as error:
        raise _missing(name, module_name, error) from error
    except Exception as error:
        traceback.print_exc()
        raise Unusable(f"{name}: {_words(error)}", f"change the options of the executor, or {name}") from error
    if not callable(getattr(engine, "submit", None)):
        fact = f"{name} gave {type(engine).__name__}, which has no submit"
        raise Unusable(fact, "return an object with submit(function, *arguments), such as a concurrent.futures.Executor")
    return engine


def _missing(name: str, module_name: str, error: ModuleNotFoundError) -> Unusable:
    missing = error.name or ""
    if module_name == missing or module_name.startswith(f"{missing}."):
        fix = f"modules are found in {os.getcwd()} and in the packages of {sys.executable}: correct the name, or install it"
    else:
        fix = f"{sys.executable} -m pip install {missing.partition('.')[0]}"
    return Unusable(f"{name}: {_words(error)}", fix)


def address_of(engine: Any) -> str:
    """Where workers of the engine reach this machine: what the engine says, else its address on the default route."""
    named = getattr(engine, "address", None)
    if isinstance(named, str):
        return named
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent. The address is one of those that are for documents only.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostbyname(socket.gethostname())


def check(name: str, options: dict[str, Any]) -> None:
    """Makes the engine, and tells which host executes functions."""
    engine = make_engine(name, options, 1)
    future = engine.submit(eval, "__import__('socket').gethostname()", {})
    print(f"{name} executes functions on {future.result(CHECK_SECONDS)}", file=sys.stderr)
    print(f"they reach this machine at {address_of(engine)}", file=sys.stderr)
    end = getattr(engine, "shutdown", None)
    if end is not None:
        end()


def serve(name: str) -> None:
    """Serves a run until it ends the standard input."""
    commands, answers = _take_standard_streams()
    lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(commands, lines), daemon=True).start()
    lock = threading.Lock()

    def tell(message: dict[str, Any]) -> None:
        # The run has ended: so does its input.
        with lock, contextlib.suppress(OSError):
            answers.write(json.dumps(message).encode() + b"\n")

    begin = lines.get()
    if begin is None:
        return
    try:
        bridge = Bridge(lambda: make_engine(name, begin["options"], begin["slots"]), tell)
    except Unusable as error:
        tell({"type": "unusable", "fact": error.fact, "fix": error.fix})
        return
    tell({"type": "ready", "address": address_of(bridge.engine)})
    while (message := lines.get()) is not None:
        if message["type"] == "open":
            bridge.open(message["slot"], message["arguments"])
        elif message["type"] == "close":
            bridge.close(message["slot"])
    bridge.shut_down()


def _take_standard_streams() -> tuple[Any, Any]:
    """The ways to the run. What engines print goes to standard error, and what they start does not hold them."""
    commands = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return commands, answers


def _read(commands: Any, lines: queue.SimpleQueue[dict[str, Any] | None]) -> None:
    # A run that is killed may leave a part of a line.
    with contextlib.suppress(ValueError, OSError):
        for line in commands:
            lines.put(json.loads(line))
    lines.put(None)
    timer = threading.Timer(ORDERLY_END_SECONDS, _end)
    timer.daemon = True
    timer.start()


def _end() -> None:
    """Ends this process with what it has started. Nobody else does where the run was killed."""
    with contextlib.suppress(Exception):
        sys.stderr.flush()
    # The leader of a group has no one else's processes in it.
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def main(arguments: list[str]) -> int:
    if len(arguments) in (2, 3) and arguments[0] == "--check":
        try:
            check(arguments[1], json.loads(arguments[2]) if len(arguments) == 3 else {})
        except Unusable as error:
            print(f"{error.fact}\n{error.fix}", file=sys.stderr)
            return 1
        return 0
    if len(arguments) != 1 or ":" not in arguments[0]:
        print("usage: python -m vmfdag.executor [--check] MODULE:FACTORY [OPTIONS as JSON, with --check]", file=sys.stderr)
        return 2
    serve(arguments[0])
    _end()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
