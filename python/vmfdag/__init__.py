"""What a Python program of a vmfdag pipeline uses.

``params`` and ``coordinates`` are mappings, ``input(name)`` and ``output(name)`` are paths, ``load`` and ``save`` read and write
them as arrays and tables, ``metric`` and ``progress`` report. Outside a run, ``defaults`` gives the values.
``vmfdag.torch`` has the directional statistics of the gradients of a PyTorch model.

This module imports the standard library only, and little of that: a node that takes a second should not wait for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._context import Gathered, Values, context
from ._context import defaults as defaults
from ._events import metric as metric
from ._events import progress as progress

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "Gathered",
    "coordinates",
    "defaults",
    "input",
    "inputs",
    "is_run",
    "load",
    "metric",
    "output",
    "params",
    "progress",
    "save",
]

#: The params that the stage declares. Read at the first use.
params: Values
#: The coordinates of the node.
coordinates: Values


def __getattr__(name: str) -> Any:
    if name == "params":
        return context().params
    if name == "coordinates":
        return context().coordinates
    raise AttributeError(f"module 'vmfdag' has no attribute '{name}'")


def is_run() -> bool:
    """Whether VMFDAG_PARAMS gives the values: the engine has started this program, or a file stands for a run."""
    return context().is_run


def input(name: str) -> Path:
    """The path of an input. It is read-only."""
    return context().input(name)


def inputs(name: str) -> list[Gathered]:
    """The paths of an input that gathers many nodes, each with the coordinates of its node."""
    return context().gathered(name)


def output(name: str) -> Path:
    """The path that the program writes an output to: a file, or a folder where the output is a directory."""
    return context().output(name)


def load(name: str, format: str | None = None) -> Any:
    """The value of an input.

    The extension of its path says how it is read, unless ``format`` does: ``json``, ``txt``, ``md``, ``csv``, ``npy``, ``npz``,
    ``safetensors``, ``arrow``, ``parquet`` or ``pt``. Arrays need NumPy, tables pandas, and those of ``arrow`` pyarrow too; ``pt`` needs PyTorch.
    """
    from ._formats import load_file

    return load_file(input(name), format)


def save(name: str, value: Any, format: str | None = None) -> None:
    """Writes an output. ``format`` is as in :func:`load`. The file is complete, or it is not there."""
    from ._formats import save_file

    save_file(output(name), value, format)
