"""Reads and writes files as values, by their format. Each library is imported where it is used."""

from __future__ import annotations

import importlib
import json
import os
from pathlib import Path
from typing import Any, Callable, Mapping

from ._replacing import replacing


def load_file(path: Path, format: str | None = None) -> Any:
    name = _format_of(path, format)
    return _READERS[name](path)


def save_file(path: Path, value: Any, format: str | None = None) -> None:
    name = _format_of(path, format)
    kind, holds = _VALUES.get(name, ("", None))
    if holds is not None and not holds(value):
        raise TypeError(f"{path}: the format {name} holds {kind}, and this is {type(value).__name__}. Convert it, or pass another format=….")
    with replacing(path) as part:
        _WRITERS[name](part, value)


def _format_of(path: Path, format: str | None) -> str:
    name = format or path.suffix.lstrip(".").lower()
    if name in _READERS:
        return name
    known = ", ".join(_READERS)
    fact = f"{name!r} is no format that vmfdag knows" if name else "the path has no extension, which would say the format"
    raise ValueError(f"{path}: {fact}. Pass format=…, one of {known}, or open the path yourself.")


def _library(name: str, path: Path, package: str | None = None) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ImportError(f"{path}: this format needs {name}, which is not installed. Install it: pip install {package or name}") from error


def _read_text(path: Path) -> str:
    # Line ends stay as they are; read_text and write_text would change them.
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def _write_text(path: Path, value: str) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(value)


def _read_json(path: Path) -> Any:
    try:
        return json.loads(_read_text(path))
    except ValueError as error:
        raise ValueError(f"{path} is no JSON: {error}. Look at what wrote it, or pass another format=….") from error


def _write_json(path: Path, value: Any) -> None:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except ValueError as error:
        raise ValueError(f"a value cannot be written as JSON: {error}. Write None or a text for NaN and infinities.") from error
    _write_text(path, text + "\n")


def _plain(value: Any) -> Any:
    """Scalars and arrays of NumPy and PyTorch as JSON has them."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    raise TypeError(f"{type(value).__name__} is no value of JSON")


def _read_csv(path: Path) -> Any:
    return _library("pandas", path).read_csv(path)


def _write_csv(path: Path, value: Any) -> None:
    value.to_csv(path, index=False, lineterminator="\n")


def _read_npy(path: Path) -> Any:
    return _library("numpy", path).load(path, allow_pickle=False)


def _write_npy(path: Path, value: Any) -> None:
    _library("numpy", path).save(path, value, allow_pickle=False)


def _read_npz(path: Path) -> dict[str, Any]:
    with _library("numpy", path).load(path, allow_pickle=False) as archive:
        return dict(archive)


def _write_npz(path: Path, value: dict[str, Any]) -> None:
    _library("numpy", path).savez(path, **value)


def _read_safetensors(path: Path) -> dict[str, Any]:
    numpy = _library("numpy", path)
    from ._safetensors import NUMPY_TYPES, read_tensors

    return {
        name: numpy.frombuffer(bytearray(tensor.data), dtype=NUMPY_TYPES[tensor.dtype]).reshape(tensor.shape)
        for name, tensor in read_tensors(path).items()
    }


def _write_safetensors(path: Path, value: dict[str, Any]) -> None:
    numpy = _library("numpy", path)
    from ._safetensors import Tensor, dtype_of, write_tensors

    # ascontiguousarray makes a scalar a vector of one.
    arrays = {name: numpy.array(numpy.asarray(each), order="C", copy=None if _is_numpy_2(numpy) else False) for name, each in value.items()}
    write_tensors(path, {name: Tensor(dtype_of(a.dtype.name, name), tuple(a.shape), a.tobytes()) for name, a in arrays.items()})


def _is_numpy_2(numpy: Any) -> bool:
    return int(numpy.__version__.split(".")[0]) >= 2


def _read_arrow(path: Path) -> Any:
    feather = _library("pyarrow.feather", path, "pyarrow")
    return feather.read_feather(str(path))


def _write_arrow(path: Path, value: Any) -> None:
    feather = _library("pyarrow.feather", path, "pyarrow")
    feather.write_feather(value, str(path), compression="uncompressed")


def _read_parquet(path: Path) -> Any:
    return _library("pandas", path).read_parquet(path)


def _write_parquet(path: Path, value: Any) -> None:
    value.to_parquet(path, index=False)


def _read_pt(path: Path) -> Any:
    return _library("torch", path).load(path, map_location="cpu", weights_only=True)


def _write_pt(path: Path, value: Any) -> None:
    _library("torch", path).save(value, path)


_READERS: dict[str, Callable[[Path], Any]] = {
    "json": _read_json,
    "txt": _read_text,
    "md": _read_text,
    "csv": _read_csv,
    "npy": _read_npy,
    "npz": _read_npz,
    "safetensors": _read_safetensors,
    "arrow": _read_arrow,
    "parquet": _read_parquet,
    "pt": _read_pt,
}

_WRITERS: dict[str, Callable[[Path, Any], None]] = {
    "json": _write_json,
    "txt": _write_text,
    "md": _write_text,
    "csv": _write_csv,
    "npy": _write_npy,
    "npz": _write_npz,
    "safetensors": _write_safetensors,
    "arrow": _write_arrow,
    "parquet": _write_parquet,
    "pt": _write_pt,
}

#: What a format holds, where another value would fail with a message that does not say so.
_VALUES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "txt": ("a text", lambda value: isinstance(value, str)),
    "md": ("a text", lambda value: isinstance(value, str)),
    "csv": ("a table of pandas", lambda value: hasattr(value, "to_csv")),
    "parquet": ("a table of pandas", lambda value: hasattr(value, "to_parquet")),
    "npz": ("a mapping of names to arrays", lambda value: isinstance(value, Mapping)),
    "safetensors": ("a mapping of names to arrays", lambda value: isinstance(value, Mapping)),
}
