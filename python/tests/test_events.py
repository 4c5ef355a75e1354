from __future__ import annotations

import json
import math
import os
import threading
from pathlib import Path

import pytest
from programs import run_program

from vmfdag._events import LINES_OF_STRIDE, LONGEST_LINE, MOST_NAMES, Reporter


def events_of(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    return tmp_path / "events"


def test_metrics_and_progress_are_json_lines(events):
    reporter = Reporter(str(events))
    reporter.metric("loss", 0.5, 10)
    reporter.metric("loss", 0.25, 11)
    reporter.progress(0.5)
    found = events_of(events)
    assert all(isinstance(each.pop("time"), int) for each in found)
    assert found == [
        {"event": "metric", "name": "loss", "value": 0.5, "step": 10},
        {"event": "metric", "name": "loss", "value": 0.25, "step": 11},
        {"event": "progress", "fraction": 0.5},
    ]


def test_without_a_step_values_are_counted(events):
    reporter = Reporter(str(events))
    for value in (3, 2, 1):
        reporter.metric("loss", value, None)
    assert [each["step"] for each in events_of(events)] == [0, 1, 2]


def test_many_values_are_thinned_evenly_and_alike_in_every_run(events, tmp_path):
    count = 100_000
    for path in (events, tmp_path / "second"):
        reporter = Reporter(str(path))
        for step in range(count):
            reporter.metric("loss", step, step)
        reporter.finish()
        reporter.finish()
    steps = [each["step"] for each in events_of(events)]
    assert len(steps) <= LINES_OF_STRIDE * (math.log2(count / LINES_OF_STRIDE) + 2)
    assert steps == sorted(set(steps)) and steps[:3] == [0, 1, 2] and steps[-1] == count - 1
    assert steps == [each["step"] for each in events_of(tmp_path / "second")]


def test_progress_is_thinned_by_time_and_the_end_is_always_said(events):
    reporter = Reporter(str(events))
    for i in range(1001):
        reporter.progress(i / 1000)
    fractions = [each["fraction"] for each in events_of(events)]
    assert fractions[0] == 0 and fractions[-1] == 1 and len(fractions) < 100


def test_numbers_that_json_lacks_are_texts(events):
    reporter = Reporter(str(events))
    for value in (math.nan, math.inf, -math.inf):
        reporter.metric("x", value, None)
    assert [each["value"] for each in events_of(events)] == ["NaN", "Infinity", "-Infinity"]


@pytest.mark.parametrize(
    "name, value, step",
    [("", 1, 0), (None, 1, 0), ("n" * 201, 1, 0), ("x", "many", 0), ("x", None, 0), ("x", 1, "first"), ("x", 10**400, 0)],
)
def test_what_is_no_metric_is_a_warning(events, capsys, name, value, step):
    reporter = Reporter(str(events))
    reporter.metric(name, value, step)
    assert events_of(events) == [] and capsys.readouterr().err.startswith("vmfdag: ")


def test_names_and_lines_are_bounded(events):
    reporter = Reporter(str(events))
    for i in range(MOST_NAMES + 5):
        reporter.metric(f"m{i}", 1, None)
    reporter.metric("\U0001f600" * 200, 1, None)
    found = events.read_bytes().splitlines(keepends=True)
    assert len(found) == MOST_NAMES and all(len(line) <= LONGEST_LINE for line in found)
    # The longest name of the widest characters is still one line.
    alone = Reporter(str(events))
    alone.metric("\U0001f600" * 200, 1, None)
    assert len(events.read_bytes().splitlines()) == MOST_NAMES + 1


@pytest.mark.parametrize("target", ["/nowhere/events", "fd:990", "fd:x", "/"])
def test_a_target_that_cannot_be_written_is_a_warning(target, capsys):
    reporter = Reporter(target)
    reporter.metric("x", 1, None)
    reporter.progress(1)
    assert capsys.readouterr().err.count("vmfdag: VMFDAG_EVENTS is") == 1


def test_a_full_disk_is_a_warning(capsys):
    if not os.path.exists("/dev/full"):
        pytest.skip("this system has no /dev/full")
    reporter = Reporter("/dev/full")
    reporter.metric("x", 1, None)
    reporter.metric("x", 2, None)
    assert "dropped from here on" in capsys.readouterr().err


def test_a_pipe_that_nobody_empties_stops_no_program():
    reader, writer = os.pipe()
    reporter = Reporter(f"fd:{writer}")
    for step in range(5000):
        reporter.metric(f"metric {step % 100}", step, step)
    os.set_blocking(reader, False)
    taken = b""
    while True:
        try:
            taken += os.read(reader, 1 << 16)
        except BlockingIOError:
            break
    lines = taken.splitlines(keepends=True)
    assert 0 < len(lines) < 5000 and all(json.loads(line) for line in lines)
    os.close(reader)
    reporter.metric("after", 1, None)
    os.close(writer)


def test_lines_of_threads_do_not_mix(events):
    reporter = Reporter(str(events))

    def report(name: str) -> None:
        for step in range(300):
            reporter.metric(name, step, step)

    threads = [threading.Thread(target=report, args=(f"{i}" * 100,)) for i in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(events_of(events)) == 8 * 300


def test_lines_of_processes_do_not_mix_and_the_last_value_is_there(tmp_path, events):
    program = """
        import os
        import vmfdag
        vmfdag.metric("parent", 0)
        children = []
        for child in range(4):
            pid = os.fork()
            if pid == 0:
                for step in range(700):
                    vmfdag.metric(f"child {child}", step)
                os._exit(0)
            children.append(pid)
        for pid in children:
            os.waitpid(pid, 0)
        for step in range(700):
            vmfdag.metric("parent", step, step)
    """
    run_program(program, tmp_path, VMFDAG_EVENTS=str(events))
    found = events_of(events)
    assert {each["name"] for each in found} == {"parent", *(f"child {i}" for i in range(4))}
    assert [each["step"] for each in found if each["name"] == "parent"][-1] == 699


def test_a_descriptor_of_the_parent_is_written_to(tmp_path):
    reader, writer = os.pipe()
    run_program('import vmfdag\nvmfdag.metric("loss", 2.5, 7)', tmp_path, pass_fds=(writer,), VMFDAG_EVENTS=f"fd:{writer}")
    os.close(writer)
    with open(reader) as file:
        event = json.loads(file.read())
    assert (event["name"], event["value"], event["step"]) == ("loss", 2.5, 7)
