from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def test_the_package_is_typed(tmp_path: Path):
    pytest.importorskip("mypy")
    arguments = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)]
    done = subprocess.run(arguments, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
