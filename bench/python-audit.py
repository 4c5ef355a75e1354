"""What the audit of vmfdag/_audit.py adds to a Python process that imports a module, in per cent.

usage: python bench/python-audit.py [--module torch] [--runs 5]

Processes with and without it take turns. The least processor time of each counts: other programs on the machine only ever add to it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "python/vmfdag/_site"

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--module", default="torch")
options.add_argument("--runs", type=int, default=5)
chosen = options.parse_args()


def seconds(variables: "dict[str, str]") -> float:
    # With compiled files of both, as it is after the first process.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VMFDAG_", "PYTHON"))}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", f"import {chosen.module}"], env={**environment, **variables}, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


with tempfile.TemporaryDirectory() as reports:
    audited = {"PYTHONPATH": str(SITE), "VMFDAG_AUDIT": reports, "VMFDAG_AUDIT_ROOT": str(ROOT)}
    seconds({}), seconds(audited)
    times = [(seconds({}), seconds(audited)) for _ in range(chosen.runs)]
plain, with_audit = map(min, zip(*times))
result = {
    "module": chosen.module,
    "plainCpuMs": round(1000 * plain, 1),
    "auditedCpuMs": round(1000 * with_audit, 1),
    "overheadPercent": round(100 * (with_audit / plain - 1), 1),
}
print(json.dumps(result))
