"""The safetensors format, without a library: an 8-byte length, a JSON header, then the bytes of the tensors, little-endian.

The order is that of the engine's codec (src/engine/stage/codecs/safetensors.ts), so that equal tensors give equal files.
"""

from __future__ import annotations

import json
import sys
from math import prod
from pathlib import Path
from typing import Any, Mapping, NamedTuple

SIZES = {"F64": 8, "F32": 4, "F16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1}
NUMPY_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1",
    "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "BOOL": "?",
}  # fmt: skip
_NAMES = {
    "float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32", "int16": "I16", "int8": "I8",
    "uint64": "U64", "uint32": "U32", "uint16": "U16", "uint8": "U8", "bool": "BOOL",
}  # fmt: skip

#: As in the library of Hugging Face: a damaged length must not ask for gigabytes.
LARGEST_HEADER = 100_000_000


class Tensor(NamedTuple):
    dtype: str
    shape: tuple[int, ...]
    data: bytes


def dtype_of(name: str, tensor: str) -> str:
    try:
        return _NAMES[name]
    except KeyError:
        raise TypeError(f"the tensor {tensor!r} is of type {name}, which safetensors files of vmfdag do not hold. Convert it first.") from None


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    if sys.byteorder != "little":
        raise RuntimeError("safetensors files are little-endian, and this machine is not")
    ordered = sorted(tensors.items(), key=lambda item: (-SIZES[item[1].dtype], item[0].encode("utf-16-be", "surrogatepass")))
    header: dict[str, Any] = {}
    end = 0
    for name, tensor in ordered:
        if len(tensor.data) != prod(tensor.shape) * SIZES[tensor.dtype]:
            raise ValueError(f"the tensor {name!r} of shape {tensor.shape} has {len(tensor.data)} bytes")
        header[name] = {"dtype": tensor.dtype, "shape": list(tensor.shape), "data_offsets": [end, end + len(tensor.data)]}
        end += len(tensor.data)
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, tensor in ordered:
            file.write(tensor.data)


def read_tensors(path: Path) -> dict[str, Tensor]:
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if not 2 <= length <= LARGEST_HEADER:
            raise ValueError(f"{path} is no safetensors file: its header would have {length} bytes")
        try:
            header = json.loads(file.read(length))
        except ValueError as error:
            raise ValueError(f"{path} is no safetensors file: its header is no JSON ({error})") from error
        if not isinstance(header, dict):
            raise ValueError(f"{path} is no safetensors file: its header is no mapping of tensors")
        body = file.read()
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            dtype, shape, (begin, end) = entry["dtype"], tuple(entry["shape"]), entry["data_offsets"]
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}: the tensor {name!r} has no type, shape and place in the file. Look at what wrote it.") from error
        if dtype not in SIZES:
            raise ValueError(f"{path}: the tensor {name!r} is of type {dtype}, which vmfdag does not read. Use the library safetensors.")
        if not 0 <= begin <= end <= len(body) or end - begin != prod(shape) * SIZES[dtype]:
            raise ValueError(f"{path}: the tensor {name!r} does not lie within the file, which may be cut off")
        tensors[name] = Tensor(dtype, shape, body[begin:end])
    return tensors
