"""The code of a Python program: its entries and the project's modules that they import, each by path and digest, as JSON.

usage: python -m vmfdag._code ROOT [--path FOLDER]… ENTRY…
       python -m vmfdag._code ROOT --many < PROGRAMS

PROGRAMS is a list of `{"entries": […], "paths": […]}`; the answer is a list too, with `{"error": …}` for a program that cannot be read.

Paths are relative to ROOT, or absolute and inside it. A module is looked for in the folder of the entry, in ROOT, and in each FOLDER
(what the program has in PYTHONPATH). Nothing of the project is executed.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import os
import sys
from typing import Any, Iterable, NamedTuple, Optional

from ._imports import Import, exported_names, find_imports
from ._modules import ModuleFinder, Place
from ._syntax import digest_of_tree, digests_of_functions, parse

#: Raised when digests of the same source change.
SCHEMA = 1


class Source(NamedTuple):
    kind: str
    digest: str
    #: SHA-256 of the bytes that were read.
    source: str
    functions: dict[str, str]
    #: None where the file counts by its bytes.
    tree: Optional[ast.Module]
    #: Why a Python file counts by its bytes.
    problem: Optional[str]


class UsageError(Exception):
    pass


def code_of(root: str, entries: Iterable[str], paths: Iterable[str] = (), sources: "Optional[dict[str, Source]]" = None) -> dict[str, Any]:
    """:param sources: files that were read for another program of the same moment; more are added"""
    project = Project(root, sources)
    files = [project.file(entry) for entry in entries]
    extra = tuple(project.folder(path) for path in paths)
    for file in files:
        project.add_entry(file, extra)
    return project.result(files)


def codes_of(root: str, programs: "Iterable[dict[str, Any]]") -> list[dict[str, Any]]:
    """Programs share most of their modules, which are read once."""
    sources: dict[str, Source] = {}
    answers: list[dict[str, Any]] = []
    for program in programs:
        try:
            answers.append(code_of(root, program["entries"], program["paths"], sources))
        except (UsageError, OSError) as error:
            answers.append({"error": str(error)})
    return answers


class Project:
    def __init__(self, root: str, sources: "Optional[dict[str, Source]]" = None) -> None:
        self._root = os.path.abspath(root)
        self._finder = ModuleFinder()
        self._known: dict[str, Source] = {} if sources is None else sources
        self._sources: dict[str, Source] = {}
        #: The folders that relative imports of a file start from.
        self._folders: dict[str, tuple[str, ...]] = {}
        self._external: set[str] = set()
        self._unresolved: set[tuple[str, int, str]] = set()

    def file(self, entry: str) -> str:
        path = self._inside(entry)
        if not os.path.isfile(path):
            raise UsageError(f"{entry}: there is no such file in {self._root}. Correct the entry under code.")
        return path

    def folder(self, path: str) -> str:
        folder = self._inside(path)
        if not os.path.isdir(folder):
            raise UsageError(f"--path {path}: there is no such folder in {self._root}. Correct or remove it.")
        return folder

    def add_entry(self, file: str, extra: tuple[str, ...]) -> None:
        folder = os.path.dirname(file)
        # `python a/b.py` looks in a first, and `python -m a.b` in the root: nobody says which of the two it will be.
        for first in dict.fromkeys((folder, self._root)):
            path = tuple(dict.fromkeys((first, self._root, *extra)))
            seen: set[str] = set()
            waiting = [file, *self._initial_files_above(folder)]
            while waiting:
                each = waiting.pop()
                if each not in seen:
                    seen.add(each)
                    waiting += self._reached_from(each, path)

    def result(self, entries: list[str]) -> dict[str, Any]:
        modules = []
        for file, source in sorted(self._sources.items(), key=lambda item: self._name(item[0])):
            module: dict[str, Any] = {"path": self._name(file), "kind": source.kind, "digest": source.digest, "source": source.source}
            if source.kind == "syntax":
                module["functions"] = source.functions
            if source.problem:
                module["problem"] = source.problem
            modules.append(module)
        names = [self._name(entry) for entry in entries]
        counted = [SCHEMA, names, [[module["path"], module["kind"], module["digest"]] for module in modules]]
        return {
            "schema": SCHEMA,
            "digest": hashlib.sha256(json.dumps(counted).encode()).hexdigest(),
            "entries": names,
            "modules": modules,
            "external": sorted(self._external),
            "unresolved": [{"path": path, "line": line, "fact": fact} for path, line, fact in sorted(self._unresolved)],
            "searched": [
                {"path": self._name(folder), "names": None if names is None else sorted(names)}
                for folder, names in sorted(self._finder.searched.items())
                if self._contains(folder)
            ],
        }

    def _reached_from(self, file: str, path: tuple[str, ...]) -> list[str]:
        source = self._source(file)
        if source.tree is None:
            return []
        found = find_imports(source.tree)
        self._unresolved.update((self._name(file), each.line, each.fact) for each in found.unresolved)
        return [reached for each in found.imports for reached in self._resolve(each, file, path)]

    def _resolve(self, wanted: Import, file: str, path: tuple[str, ...]) -> list[str]:
        parts = wanted.module.split(".") if wanted.module else []
        folders = path
        if wanted.level > 0:
            folders = self._folders.get(file, (os.path.dirname(file),))
            for _ in range(wanted.level - 1):
                folders = tuple(map(os.path.dirname, folders))
            folders = tuple(folder for folder in folders if self._contains(folder))
        files: list[str] = []
        initial = [each for each in map(self._finder.initial_file, folders) if each] if wanted.level > 0 else []
        place: Optional[Place] = Place(initial[0] if initial else None, folders) if wanted.level > 0 else None
        for index, part in enumerate(parts):
            place = self._finder.find(part, folders)
            # A folder without __init__ stands behind any installed package of its name.
            if wanted.level == 0 and index == 0 and (place is None or place.file is None):
                self._external.add(part)
            if place is None:
                return files
            files += self._take(place, folders)
            folders = place.folders
        if place is not None and place.folders:
            for name in self._submodules(wanted.names, place):
                submodule = self._finder.find(name, place.folders)
                if submodule is not None:
                    files += self._take(submodule, place.folders)
        return files

    def _submodules(self, names: tuple[str, ...], package: Place) -> Iterable[str]:
        if "*" not in names:
            return names
        tree = self._source(package.file).tree if package.file else None
        exported = exported_names(tree) if tree is not None else ()
        return self._finder.submodules(package.folders) if exported is None else exported

    def _take(self, place: Place, folders: tuple[str, ...]) -> list[str]:
        if place.file is None:
            return []
        self._folders.setdefault(place.file, place.folders or folders)
        return [place.file]

    def _initial_files_above(self, folder: str) -> list[str]:
        """Of the packages that an entry is in: `python -m` executes them first."""
        files = []
        while folder != self._root and self._contains(folder):
            initial = self._finder.initial_file(folder)
            if initial is None:
                break
            files.append(initial)
            folder = os.path.dirname(folder)
        return files

    def _source(self, file: str) -> Source:
        source = self._sources.get(file)
        if source is None:
            source = self._known.get(file) or _read(file)
            self._sources[file] = self._known[file] = source
        return source

    def _inside(self, path: str) -> str:
        absolute = os.path.normpath(os.path.join(self._root, path))
        if not self._contains(absolute):
            raise UsageError(f"{path} is outside of {self._root}. Only files of the project are its code.")
        return absolute

    def _contains(self, path: str) -> bool:
        return path == self._root or path.startswith(os.path.join(self._root, ""))

    def _name(self, file: str) -> str:
        return os.path.relpath(file, self._root).replace(os.sep, "/")


def _read(file: str) -> Source:
    with open(file, "rb") as opened:
        data = opened.read()
    source = hashlib.sha256(data).hexdigest()
    if not file.endswith((".py", ".pyw")):
        return Source("bytes", source, source, {}, None, None)
    try:
        tree = parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        problem = f"{f'line {line}: ' if line else ''}{getattr(error, 'msg', None) or error or type(error).__name__}"
        return Source("bytes", source, source, {}, None, problem)
    return Source("syntax", digest_of_tree(tree), source, digests_of_functions(tree), tree, None)


def main(arguments: "list[str] | None" = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m vmfdag._code", description=__doc__)
    parser.add_argument("root")
    parser.add_argument("entries", nargs="*")
    parser.add_argument("--many", action="store_true")
    parser.add_argument("--path", action="append", default=[])
    given = parser.parse_args(arguments)
    if given.many:
        print(json.dumps(codes_of(given.root, json.load(sys.stdin))))
        return 0
    if not given.entries:
        parser.error("name an entry")
    try:
        print(json.dumps(code_of(given.root, given.entries, given.path)))
    except (UsageError, OSError) as error:
        print(f"vmfdag._code: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
