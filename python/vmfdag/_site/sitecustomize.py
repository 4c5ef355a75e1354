"""Python imports this at its start where the engine puts this folder first in PYTHONPATH: it starts the audit of vmfdag/_audit.py.

``import vmfdag`` finds the package that the engine has with it, where the environment has none. The module of this name that the environment has of
its own is executed too. Nothing here may end a program.
"""

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

_HERE = os.path.dirname(os.path.abspath(__file__))


class _PackageOfTheEngine:
    """Finds vmfdag where no other finder does: a version that a lock file names, or a working copy, comes first. sys.path stays as it is."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> "ModuleSpec | None":
        return PathFinder.find_spec(name, [os.path.dirname(os.path.dirname(_HERE))]) if name == "vmfdag" else None


def _start_audit() -> None:
    folder, root = os.environ.get("VMFDAG_AUDIT"), os.environ.get("VMFDAG_AUDIT_ROOT")
    if folder and root:
        path = os.path.join(os.path.dirname(_HERE), "_audit.py")
        # Not as vmfdag._audit: the environment may have a vmfdag of its own, and the program pays for no import of it.
        audit = sys.modules["_vmfdag_audit"] = ModuleType("_vmfdag_audit")
        audit.__file__ = path
        SourceFileLoader("_vmfdag_audit", path).exec_module(audit)
        ignored = os.environ.get("VMFDAG_AUDIT_IGNORE", "").split(os.pathsep)
        audit.install(folder, root, [each for each in ignored if each])


def _execute_next() -> None:
    others = [path for path in sys.path if os.path.abspath(path or ".") != _HERE]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        # It may look for its own name, as tools that are started in this way do.
        module = ModuleType("sitecustomize")
        module.__file__, module.__spec__, module.__loader__ = spec.origin, spec, spec.loader
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


sys.meta_path.append(_PackageOfTheEngine)
try:
    _start_audit()
except Exception as error:
    print(f"vmfdag: the files that this program reads are not tracked: {error}", file=sys.stderr)
_execute_next()
