from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest
from programs import run_program

import vmfdag
from vmfdag import _context


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def use(value: object) -> None:
        path = tmp_path / "params.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
        monkeypatch.setenv("VMFDAG_PARAMS", str(path))
        monkeypatch.setattr(_context, "_context", None)

    return use


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VMFDAG_PARAMS", raising=False)
    monkeypatch.setattr(_context, "_context", None)


def test_params_coordinates_and_paths_are_those_of_the_file(document):
    document(
        {
            "params": {"rate": 0.5, "model": {"hidden": [800], "kind": "fnn"}},
            "coordinates": {"seed": 3},
            "inputs": {"data": "/in/data", "all": [{"coordinates": {"seed": 1}, "path": "/in/1"}]},
            "outputs": {"weights": "/out/weights.safetensors"},
        }
    )
    assert vmfdag.is_run()
    assert vmfdag.params["rate"] == vmfdag.params.rate == 0.5
    assert vmfdag.params.model.hidden == [800]
    assert dict(vmfdag.coordinates) == {"seed": 3}
    assert vmfdag.input("data") == Path("/in/data")
    assert vmfdag.output("weights") == Path("/out/weights.safetensors")
    assert vmfdag.inputs("all") == [({"seed": 1}, Path("/in/1"))]


def test_params_are_plain_for_json_pickle_and_copy(document):
    document({"params": {"model": {"hidden": [8]}}})
    assert json.loads(json.dumps(vmfdag.params)) == {"model": {"hidden": [8]}}
    assert pickle.loads(pickle.dumps(vmfdag.params)).model.hidden == [8]
    assert copy.deepcopy(vmfdag.params) == vmfdag.params
    assert vmfdag.params.get("absent") is None and not hasattr(vmfdag.params, "absent")


@pytest.mark.parametrize(
    "use, message",
    [
        (lambda: vmfdag.params["lr"], "params has no 'lr'; it has 'rate', 'model'. The stage in pipeline.yaml"),
        (lambda: vmfdag.params.model.depth, "params.model has no 'depth'; it has 'kind'"),
        (lambda: vmfdag.input("x"), "inputs has no 'x'; it has 'data', 'all'"),
        (lambda: vmfdag.output("x"), "outputs has no 'x'; it has no names at all"),
        (lambda: vmfdag.input("all"), "gathers 0 nodes.*Use vmfdag.inputs"),
        (lambda: vmfdag.inputs("data"), "one path.*Use vmfdag.input"),
    ],
)
def test_a_missing_name_says_which_there_are(document, use, message):
    document({"params": {"rate": 1, "model": {"kind": 1}}, "inputs": {"data": "/d", "all": []}})
    with pytest.raises((KeyError, AttributeError, TypeError), match=message):
        use()


@pytest.mark.parametrize("text", ["{", "[]", '{"params": [1]}', '{"outputs": "x"}'])
def test_a_file_of_another_kind_is_refused_by_its_name(document, text):
    document(text)
    with pytest.raises(RuntimeError, match="params.json"):
        vmfdag.is_run()


def test_outside_a_run_defaults_give_the_values(outside):
    assert not vmfdag.is_run()
    with pytest.raises(KeyError, match="vmfdag did not start this program: call vmfdag.defaults"):
        vmfdag.params["rate"]
    vmfdag.defaults(params={"rate": 2}, inputs={"data": Path("data.csv")})
    assert vmfdag.params.rate == 2 and vmfdag.input("data") == Path("data.csv")
    with pytest.raises(KeyError, match="outputs has no 'weights'"):
        vmfdag.output("weights")


def test_in_a_run_defaults_do_nothing(document):
    document({"params": {"rate": 1}})
    vmfdag.defaults(params={"rate": 2})
    assert vmfdag.params.rate == 1


def test_the_package_imports_no_library(tmp_path):
    program = """
        import sys
        import vmfdag
        vmfdag.metric("loss", 1.0)
        libraries = {"numpy", "pandas", "torch", "safetensors", "pyarrow"} & set(sys.modules)
        assert not libraries, libraries
    """
    assert "loss 1.0 (step 0)" in run_program(program, tmp_path).stderr
