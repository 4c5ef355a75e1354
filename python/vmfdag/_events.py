"""Metrics and progress: JSON lines to the file or descriptor that VMFDAG_EVENTS names.

A line is one write of less than PIPE_BUF bytes, so that lines of several processes never mix. What cannot be written at once is
dropped: reporting neither ends nor stops a program.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import select
import stat
import sys
import threading
import time
from typing import Any

VARIABLE = "VMFDAG_EVENTS"

#: PIPE_BUF is 4096 on Linux, and at least 512 by POSIX (macOS).
LONGEST_LINE = min(getattr(select, "PIPE_BUF", 512), 4096)
LONGEST_NAME = 200
MOST_NAMES = 1000
#: After so many lines of a name, only every second value is a line, and so on: n values are about LINES · log₂(n / LINES) lines.
LINES_OF_STRIDE = 512
PROGRESS_SECONDS = 0.25


def metric(name: str, value: float, step: int | None = None) -> None:
    """Reports a value of a metric. ``step`` is how many values came before, unless it is given. Never raises."""
    _reporter().metric(name, value, step)


def progress(fraction: float) -> None:
    """Reports which part of its work the program has done, from 0 to 1. Never raises."""
    _reporter().progress(fraction)


class Series:
    """The values of one metric, thinned by their count alone: the same values give the same lines in every run."""

    def __init__(self) -> None:
        self.count = 0
        self._stride = 1
        self._lines = 0
        #: The newest value, where it is no line yet.
        self.pending: dict[str, Any] | None = None

    def take(self, event: dict[str, Any]) -> bool:
        """Whether the event becomes a line."""
        chosen = self.count % self._stride == 0
        self.count += 1
        self.pending = None if chosen else event
        if chosen:
            self._lines += 1
            if self._lines == LINES_OF_STRIDE:
                self._stride *= 2
                self._lines = 0
        return chosen


class Reporter:
    def __init__(self, target: str | None) -> None:
        self._target = target
        self._lock = threading.Lock()
        self._series: dict[str, Series] = {}
        self._progress_at = -math.inf
        self._warned: set[str] = set()
        self._descriptor: int | None = None
        self._is_pipe = False
        if target is not None:
            self._open(target)

    def metric(self, name: str, value: Any, step: Any) -> None:
        try:
            if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
                return self._warn(f"the name of a metric is a text of 1 to {LONGEST_NAME} characters, and {str(name)[:40]!r} is none")
            number = float(value)
            with self._lock:
                series = self._series.get(name)
                if series is None:
                    if len(self._series) >= MOST_NAMES:
                        return self._warn(f"a program has at most {MOST_NAMES} metrics; those after them are dropped, {name!r} first")
                    series = self._series[name] = Series()
                at = series.count if step is None else int(step)
                event = {"event": "metric", "name": name, "value": _json_number(number), "step": at, "time": _milliseconds()}
                if series.take(event):
                    self._write(event)
        except Exception as error:
            self._warn(f"metric {str(name)[:40]!r}: {error}")

    def progress(self, fraction: Any) -> None:
        try:
            number = float(fraction)
            if math.isnan(number):
                return self._warn("a fraction of progress is a number from 0 to 1, and nan is none")
            number = min(1.0, max(0.0, number))
            now = time.monotonic()
            with self._lock:
                if number < 1 and now - self._progress_at < PROGRESS_SECONDS:
                    return
                self._progress_at = now
                self._write({"event": "progress", "fraction": number, "time": _milliseconds()})
        except Exception as error:
            self._warn(f"progress: {error}")

    def finish(self) -> None:
        """The last value of each metric is always a line."""
        try:
            with self._lock:
                for series in self._series.values():
                    event, series.pending = series.pending, None
                    if event is not None:
                        self._write(event)
        except Exception as error:
            self._warn(f"metrics: {error}")

    def after_fork(self) -> None:
        """A child writes no line that its parent holds, and another thread may have held the lock."""
        self._lock = threading.Lock()
        for series in self._series.values():
            series.pending = None

    def _open(self, target: str) -> None:
        try:
            if target.startswith("fd:"):
                self._descriptor = int(target[3:])
            else:
                # Without O_NONBLOCK, opening a pipe that nobody reads would wait for ever.
                self._descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o644)
            self._is_pipe = not stat.S_ISREG(os.fstat(self._descriptor).st_mode)
        except (OSError, ValueError) as error:
            self._descriptor = None
            self._warn(f"{VARIABLE} is {target!r}, which cannot be written: {error}. Metrics and progress are dropped.")

    def _write(self, event: dict[str, Any]) -> None:
        if self._target is None:
            return _print(event)
        if self._descriptor is None:
            return
        line = (json.dumps(event) + "\n").encode("ascii")
        if len(line) > LONGEST_LINE:
            return self._warn(f"an event of {len(line)} bytes is longer than {LONGEST_LINE}, and is dropped")
        if self._is_pipe and not _takes_a_line(self._descriptor):
            return
        try:
            os.write(self._descriptor, line)
        except BlockingIOError:
            pass
        except OSError as error:
            self._descriptor = None
            self._warn(f"{VARIABLE}: {error}. Metrics and progress are dropped from here on.")

    def _warn(self, message: str) -> None:
        """Once for each message; a full disk or a closed standard error is no reason to fail."""
        try:
            if message not in self._warned and len(self._warned) < 20:
                self._warned.add(message)
                print(f"vmfdag: {message}", file=sys.stderr)
        except Exception:
            pass


def _takes_a_line(descriptor: int) -> bool:
    """A pipe that is ready takes PIPE_BUF bytes at once. The descriptor may be shared, so O_NONBLOCK cannot be set on it."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return any(events & select.POLLOUT for _, events in poll.poll(0))


def _json_number(value: float) -> float | str:
    """JSON has no NaN and no infinities: they travel as texts."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def _milliseconds() -> int:
    return time.time_ns() // 1_000_000


def _print(event: dict[str, Any]) -> None:
    if event["event"] == "metric":
        print(f"{event['name']} {event['value']} (step {event['step']})", file=sys.stderr)
    else:
        print(f"progress {event['fraction']:.0%}", file=sys.stderr)


_shared: Reporter | None = None


def _reporter() -> Reporter:
    global _shared
    if _shared is None:
        _shared = Reporter(os.environ.get(VARIABLE) or None)
        atexit.register(_shared.finish)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_shared.after_fork)
    return _shared
