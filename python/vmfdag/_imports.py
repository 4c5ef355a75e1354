"""What a syntax tree imports, wherever in the module the import stands."""

from __future__ import annotations

import ast
from typing import NamedTuple, Optional


class Import(NamedTuple):
    """``import module`` or ``from module import names``."""

    #: Dotted; empty in ``from . import x``.
    module: str
    #: How many dots stand before it.
    level: int
    #: Names that may be submodules; ``*`` stands for those of ``__all__``.
    names: tuple[str, ...]
    line: int


class Unresolved(NamedTuple):
    """What cannot be followed without executing the program."""

    line: int
    fact: str


class Found(NamedTuple):
    imports: list[Import]
    unresolved: list[Unresolved]


def find_imports(tree: ast.Module) -> Found:
    found = Found([], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.imports.extend(Import(each.name, 0, (), node.lineno) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(each.name for each in node.names)
            found.imports.append(Import(node.module or "", node.level, names, node.lineno))
        elif isinstance(node, ast.Call):
            _call(node, found)
    return found


def exported_names(tree: ast.Module) -> "tuple[str, ...] | None":
    """The literal ``__all__`` of a module; None where there is one that cannot be read; empty without any."""
    names: list[str] = []
    for node in ast.walk(tree):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, (ast.AugAssign, ast.AnnAssign)) else []
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            try:
                names += [str(name) for name in ast.literal_eval(node.value)]  # type: ignore[attr-defined]
            except (ValueError, TypeError):
                return None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _name_of(node.func.value) == "__all__":
            return None
    return tuple(names)


def _call(node: ast.Call, found: Found) -> None:
    name = _name_of(node.func)
    if name in ("import_module", "__import__", "run_module"):
        _dynamic_import(name, node, found)
    elif isinstance(node.func, ast.Attribute) and name in ("append", "insert", "extend") and _is_sys_path(node.func.value):
        found.unresolved.append(Unresolved(node.lineno, "changes sys.path"))


def _dynamic_import(name: str, node: ast.Call, found: Found) -> None:
    given = node.args[0] if node.args else _keyword(node, "name") or _keyword(node, "mod_name")
    text = given.value if isinstance(given, ast.Constant) else None
    if not isinstance(text, str):
        found.unresolved.append(Unresolved(node.lineno, f"{name}(…) imports by a computed name"))
        return
    module = text.lstrip(".")
    level = len(text) - len(module)
    if name == "run_module":
        # A package is run by its __main__.
        found.imports.append(Import(module, level, ("__main__",), node.lineno))
    elif name == "__import__":
        names = _literal_names(node.args[3] if len(node.args) > 3 else _keyword(node, "fromlist"))
        found.imports.append(Import(module, level, names, node.lineno))
    else:
        package = node.args[1] if len(node.args) > 1 else _keyword(node, "package")
        if level and isinstance(package, ast.Constant) and isinstance(package.value, str):
            parents = package.value.split(".")
            base = parents[: len(parents) - level + 1]
            module, level = ".".join([*base, module] if module else base), 0
        found.imports.append(Import(module, level, (), node.lineno))


def _literal_names(node: Optional[ast.AST]) -> tuple[str, ...]:
    if isinstance(node, (ast.List, ast.Tuple)):
        return tuple(each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return ()


def _keyword(node: ast.Call, name: str) -> Optional[ast.expr]:
    return next((each.value for each in node.keywords if each.arg == name), None)


def _name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_sys_path(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "path" and _name_of(node.value) == "sys"
