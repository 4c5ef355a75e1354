"""What the engine tells a program: the JSON file that VMFDAG_PARAMS names."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, Mapping, NamedTuple, NoReturn, Union

VARIABLE = "VMFDAG_PARAMS"


class Values(Dict[str, Any]):
    """A mapping whose keys are attributes too, and that says which keys it has where one is missing."""

    def __init__(self, kind: str, values: Mapping[str, Any], fix: str) -> None:
        super().__init__({name: _nested(f"{kind}.{name}", value, fix) for name, value in values.items()})
        self._kind = kind
        self._fix = fix

    def __missing__(self, name: str) -> NoReturn:
        raise MissingName(f"{self._kind} has no {name!r}; it has {_names(self)}. {self._fix}")

    def __getattr__(self, name: str) -> Any:
        # Names with an underscore are asked for by pickle, copy and debuggers, before the mapping is filled.
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as error:
            raise AttributeError(str(error)) from None

    def __reduce__(self) -> tuple[Any, ...]:
        return (Values, (self._kind, dict(self), self._fix))


class MissingName(KeyError):
    """KeyError prints its message in quotes, which is hard to read for a sentence."""

    def __str__(self) -> str:
        return str(self.args[0])


class Gathered(NamedTuple):
    """One of the nodes that an input gathers."""

    coordinates: Mapping[str, Any]
    path: Path


#: An input is one path, or a list of nodes where it gathers.
Input = Union[str, "os.PathLike[str]", "list[dict[str, Any]]"]


class Context:
    def __init__(self, document: Mapping[str, Any], *, is_run: bool, fix: str) -> None:
        self.is_run = is_run
        self.params = Values("params", document.get("params") or {}, fix)
        self.coordinates = Values("coordinates", document.get("coordinates") or {}, fix)
        self._inputs = Values("inputs", {}, fix)
        self._inputs.update(document.get("inputs") or {})
        self._outputs = Values("outputs", {}, fix)
        self._outputs.update(document.get("outputs") or {})

    def input(self, name: str) -> Path:
        given: Input = self._inputs[name]
        if isinstance(given, list):
            raise TypeError(f"the input {name!r} gathers {len(given)} nodes, and is no single path. Use vmfdag.inputs({name!r})")
        return Path(given)

    def gathered(self, name: str) -> list[Gathered]:
        given: Input = self._inputs[name]
        if not isinstance(given, list):
            raise TypeError(f"the input {name!r} is one path, and gathers no nodes. Use vmfdag.input({name!r})")
        return [Gathered(each.get("coordinates") or {}, Path(each["path"])) for each in given]

    def output(self, name: str) -> Path:
        return Path(self._outputs[name])


_FIX_OF_RUN = "The stage in pipeline.yaml has to declare it."
_FIX_OUTSIDE = (
    "vmfdag did not start this program: call vmfdag.defaults(params=…, coordinates=…, inputs=…, outputs=…) first, "
    f"or let {VARIABLE} name a JSON file with these keys."
)

_context: Context | None = None


def context() -> Context:
    global _context
    if _context is None:
        path = os.environ.get(VARIABLE)
        _context = _read(path) if path else Context({}, is_run=False, fix=_FIX_OUTSIDE)
    return _context


def defaults(
    *,
    params: Mapping[str, Any] | None = None,
    coordinates: Mapping[str, Any] | None = None,
    inputs: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
) -> None:
    """The values to use where no run gives them. In a run, this does nothing."""
    global _context
    if os.environ.get(VARIABLE):
        return
    document = {"params": params, "coordinates": coordinates, "inputs": inputs, "outputs": outputs}
    _context = Context(document, is_run=False, fix="Add it to vmfdag.defaults(…).")


def _read(path: str) -> Context:
    try:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
    except (OSError, ValueError) as error:
        raise RuntimeError(
            f"{VARIABLE} names {path!r}, which cannot be read as JSON: {error}. Name a JSON file with the keys params, coordinates, inputs, outputs."
        ) from error
    wrong = [key for key in ("params", "coordinates", "inputs", "outputs") if not isinstance(_value(document, key), dict)]
    if wrong:
        raise RuntimeError(f"{path}: {wrong[0]!r} is no mapping. Give an object with the keys params, coordinates, inputs, outputs.")
    return Context(document, is_run=True, fix=_FIX_OF_RUN)


def _value(document: Any, key: str) -> Any:
    return (document.get(key) or {}) if isinstance(document, dict) else None


def _nested(kind: str, value: Any, fix: str) -> Any:
    return Values(kind, value, fix) if isinstance(value, dict) else value


def _names(values: Mapping[str, Any]) -> str:
    return ", ".join(map(repr, values)) or "no names at all"
