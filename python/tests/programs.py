"""Runs Python programs as the engine would: in a process of their own, with the package on the path."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent


def run_program(text: str, cwd: Path, expected: "int | None" = 0, pass_fds: "tuple[int, ...]" = (), **variables: str) -> subprocess.CompletedProcess[str]:
    program = cwd / "program.py"
    program.write_text(textwrap.dedent(text), encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VMFDAG_", "PYTHON"))}
    path = os.pathsep.join(filter(None, [variables.pop("PYTHONPATH", ""), str(PACKAGE)]))
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=cwd,
        env={**environment, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **variables},
        pass_fds=pass_fds,
        capture_output=True,
        text=True,
        timeout=100,
    )
    if expected is not None:
        assert done.returncode == expected, done.stderr
    return done
