"""Finds the project's file of a module as Python's path finder does, without executing anything."""

from __future__ import annotations

import os
from typing import NamedTuple, Optional

#: Of modules, in the order in which Python looks for them. The names of extension modules of other platforms and Pythons do not matter here.
_EXTENSION_SUFFIXES = (".so", ".pyd")
_SOURCE_SUFFIXES = (".py", ".pyw")


class Place(NamedTuple):
    """A module that was found."""

    #: Absolute; None for a namespace package, which has no file.
    file: Optional[str]
    #: Where its submodules are; empty for a module that is no package.
    folders: tuple[str, ...]


class ModuleFinder:
    def __init__(self) -> None:
        self._entries: dict[str, frozenset[str]] = {}
        #: The names of modules that were looked for in each folder; None where all of them count. Another answer needs another entry of one of these.
        self.searched: "dict[str, Optional[set[str]]]" = {}

    def find(self, name: str, folders: "tuple[str, ...]") -> Optional[Place]:
        """A regular package or a module of the first folder that has one; else the folders of that name, as one namespace package."""
        portions: list[str] = []
        for folder in folders:
            found = self._in_folder(name, folder)
            if found is not None and found.file is not None:
                return found
            if found is not None:
                portions += found.folders
        return Place(None, tuple(portions)) if portions else None

    def submodules(self, folders: "tuple[str, ...]") -> list[str]:
        """The names of all modules in these folders."""
        names = set()
        for folder in folders:
            self.searched[folder] = None
            for entry in self._list(folder):
                name, suffix = os.path.splitext(entry)
                is_module = suffix in (*_SOURCE_SUFFIXES, *_EXTENSION_SUFFIXES) and name != "__init__"
                if is_module or (not suffix and "__init__.py" in self._list(os.path.join(folder, entry))):
                    names.add(name.split(".")[0])
        return sorted(names)

    def initial_file(self, folder: str) -> Optional[str]:
        """What a package executes first."""
        place = self._module("__init__", folder)
        return place.file if place else None

    def _in_folder(self, name: str, folder: str) -> Optional[Place]:
        self._note(name, folder)
        entries = self._list(folder)
        path = os.path.join(folder, name)
        is_folder = name in entries and os.path.isdir(path)
        if is_folder:
            initial = self.initial_file(path)
            if initial is not None:
                return Place(initial, (path,))
        module = self._module(name, folder)
        if module is not None:
            return module
        return Place(None, (path,)) if is_folder else None

    def _module(self, name: str, folder: str) -> Optional[Place]:
        self._note(name, folder)
        entries = self._list(folder)
        extensions = sorted(entry for entry in entries if entry.startswith(f"{name}.") and entry.endswith(_EXTENSION_SUFFIXES))
        for entry in [*extensions, *(name + suffix for suffix in _SOURCE_SUFFIXES)]:
            path = os.path.join(folder, entry)
            if entry in entries and os.path.isfile(path):
                return Place(path, ())
        return None

    def _note(self, name: str, folder: str) -> None:
        names = self.searched.setdefault(folder, set())
        if names is not None:
            names.add(name)

    def _list(self, folder: str) -> frozenset[str]:
        entries = self._entries.get(folder)
        if entries is None:
            try:
                entries = frozenset(os.listdir(folder))
            except OSError:
                entries = frozenset()
            self._entries[folder] = entries
        return entries
