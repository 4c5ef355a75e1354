from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from vmfdag._formats import load_file, save_file
from vmfdag._safetensors import Tensor, read_tensors, write_tensors


@pytest.mark.parametrize("name, value", [("a.json", {"x": [1, 2.5, None, "é"]}), ("a.txt", "line\r\nline\n"), ("a.md", "# é\n")])
def test_a_value_comes_back(tmp_path: Path, name, value):
    save_file(tmp_path / name, value)
    assert load_file(tmp_path / name) == value
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_arrays_come_back(tmp_path: Path):
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(6, dtype="float32").reshape(2, 3)
    save_file(tmp_path / "a.npy", array)
    assert numpy.array_equal(load_file(tmp_path / "a.npy"), array)
    tensors = {"a": array.T, "one": numpy.float64(2.5), "flags": numpy.array([True, False]), "none": numpy.zeros((0, 4), "int16")}
    for name in ("b.npz", "b.safetensors"):
        save_file(tmp_path / name, tensors)
        back = load_file(tmp_path / name)
        assert set(back) == set(tensors)
        for key, value in tensors.items():
            expected = numpy.asarray(value)
            assert back[key].dtype == expected.dtype and back[key].shape == expected.shape and numpy.array_equal(back[key], expected)
    back["a"][0, 0] = 7  # An array that cannot be written to is of little use.


def test_scalars_of_numpy_are_json(tmp_path: Path):
    numpy = pytest.importorskip("numpy")
    save_file(tmp_path / "a.json", {"x": numpy.float32(0.5), "y": numpy.arange(3), "path": tmp_path})
    assert load_file(tmp_path / "a.json") == {"x": 0.5, "y": [0, 1, 2], "path": str(tmp_path)}


def test_tables_come_back(tmp_path: Path):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    save_file(tmp_path / "a.csv", table)
    assert load_file(tmp_path / "a.csv").equals(table)


def test_the_extension_or_format_decides_and_others_are_refused(tmp_path: Path):
    save_file(tmp_path / "data", [1], format="json")
    assert load_file(tmp_path / "data", format="json") == [1]
    with pytest.raises(ValueError, match="data: the path has no extension.*Pass format="):
        load_file(tmp_path / "data")


def test_a_value_that_cannot_be_written_leaves_the_file_as_it_was(tmp_path: Path):
    save_file(tmp_path / "a.json", 1)
    for value in ({1, 2}, float("nan")):
        with pytest.raises((TypeError, ValueError)):
            save_file(tmp_path / "a.json", value)
    assert load_file(tmp_path / "a.json") == 1 and len(list(tmp_path.iterdir())) == 1


def test_safetensors_are_laid_out_as_the_engine_does(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    tensors = {"b": Tensor("U8", (3,), b"\1\2\3"), "a": Tensor("F64", (1,), struct.pack("<d", 2.5)), "c": Tensor("F64", (), struct.pack("<d", 1))}
    write_tensors(path, tensors)
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    assert list(header) == ["a", "c", "b"] and header["b"] == {"dtype": "U8", "shape": [3], "data_offsets": [16, 19]}
    assert length % 8 == 0 and data[8 + length :] == tensors["a"].data + tensors["c"].data + tensors["b"].data
    assert read_tensors(path) == tensors


def test_a_damaged_file_is_refused_by_its_name(tmp_path: Path):
    path = tmp_path / "a.safetensors"
    write_tensors(path, {"a": Tensor("F64", (2,), bytes(16))})
    whole = path.read_bytes()
    for damaged in (b"", whole[:6], whole[:-1], b"\xff" * 8 + whole[8:], whole[:8] + b"x" * 60):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="a.safetensors"):
            read_tensors(path)


@pytest.mark.parametrize(
    "name, value, fact",
    [
        ("a.txt", {"x": 1}, "the format txt holds a text, and this is dict"),
        ("a.csv", [1, 2], "the format csv holds a table of pandas, and this is list"),
        ("a.npz", [1, 2], "the format npz holds a mapping of names to arrays, and this is list"),
        ("a.safetensors", "x", "the format safetensors holds a mapping of names to arrays, and this is str"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_its_path(tmp_path: Path, name, value, fact):
    with pytest.raises(TypeError, match=f"{name}: {fact}"):
        save_file(tmp_path / name, value)
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_read_is_named_with_its_path(tmp_path: Path):
    (tmp_path / "a.json").write_text("{")
    with pytest.raises(ValueError, match="a.json is no JSON"):
        load_file(tmp_path / "a.json")
    with pytest.raises(ValueError, match="the path has no extension"):
        load_file(tmp_path / "data")
    with pytest.raises(ValueError, match="Write None or a text for NaN"):
        save_file(tmp_path / "b.json", float("nan"))


@pytest.mark.parametrize(
    "header, fact",
    [
        ("[]", "no mapping of tensors"),
        ('{"a": 1}', "'a' has no type, shape and place"),
        ('{"a": {"dtype": "F64", "shape": [1]}}', "'a' has no type, shape and place"),
        ('{"a": {"dtype": "F64", "shape": [1], "data_offsets": [0]}}', "'a' has no type, shape and place"),
    ],
)
def test_a_damaged_header_of_safetensors_is_named(tmp_path: Path, header, fact):
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header.encode())
    with pytest.raises(ValueError, match=fact):
        read_tensors(tmp_path / "a.safetensors")
