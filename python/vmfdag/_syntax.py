"""Digests of Python source by its syntax tree: comments, layout and docstrings do not count.

The tree is written in a form of our own and not by ast.dump, which changes with Python: fields that are None or empty are left out, so that
a field which a later Python adds changes nothing where a program does not use it. What still differs is what a Python parses differently
(parts of f-strings before 3.12 and after).
"""

from __future__ import annotations

import ast
import hashlib
from typing import Any, Iterator, Union

Scope = Union[ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef]
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

#: Positions are layout. `kind` tells u"" from "", and type comments are comments.
_IGNORED = frozenset({"lineno", "col_offset", "end_lineno", "end_col_offset", "kind", "type_comment", "type_ignores"})

#: What stands for the statements of a module or class that have a digest of their own.
MODULE_BODY = "<module>"


def parse(source: bytes) -> ast.Module:
    """The tree without docstrings, unless the module reads ``__doc__``: then they are values like others.

    :raises SyntaxError, ValueError, RecursionError, MemoryError: for what is no program of this Python
    """
    tree = ast.parse(source)
    nodes = list(ast.walk(tree))
    if not any(_reads_docstrings(node) for node in nodes):
        for node in nodes:
            if isinstance(node, (ast.Module, *_DEFINITIONS)) and _has_docstring(node):
                del node.body[0]
    return tree


def digest_of_tree(tree: ast.AST) -> str:
    return _digest_of_nodes([tree])


def digests_of_functions(tree: ast.Module) -> dict[str, str]:
    """A digest for each function and method by its qualified name, for each class without its methods, and for the rest of the module.

    Definitions of the same name count together, in their order.
    """
    found: dict[str, list[list[ast.AST]]] = {}
    _divide(tree, "", found)
    return {name: _digest_of_groups(groups) for name, groups in found.items()}


def _divide(scope: ast.Module | ast.ClassDef, prefix: str, found: dict[str, list[list[ast.AST]]]) -> None:
    rest: list[ast.AST] = []
    if isinstance(scope, ast.ClassDef):
        rest += [*scope.decorator_list, *scope.bases, *scope.keywords, *getattr(scope, "type_params", [])]
    for statement in scope.body:
        if isinstance(statement, ast.ClassDef):
            _divide(statement, f"{prefix}{statement.name}.", found)
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.setdefault(f"{prefix}{statement.name}", []).append([statement])
        else:
            rest.append(statement)
    found.setdefault(prefix[:-1] or MODULE_BODY, []).append(rest)


def _reads_docstrings(node: ast.AST) -> bool:
    return (isinstance(node, ast.Name) and node.id == "__doc__") or (isinstance(node, ast.Attribute) and node.attr == "__doc__")


def _has_docstring(node: Any) -> bool:
    first = node.body[0] if node.body else None
    return isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)


def _digest_of_groups(groups: list[list[ast.AST]]) -> str:
    hasher = hashlib.sha256()
    for nodes in groups:
        hasher.update(bytes.fromhex(_digest_of_nodes(nodes)))
    return hasher.hexdigest()


def _digest_of_nodes(nodes: list[ast.AST]) -> str:
    hasher = hashlib.sha256()
    for part in _parts(nodes):
        # With its length, no part can be taken for two.
        hasher.update(b"%d:" % len(part))
        hasher.update(part)
    return hasher.hexdigest()


def _parts(nodes: list[ast.AST]) -> Iterator[bytes]:
    """The tree in preorder. By a stack: an expression of a thousand terms is a tree as deep."""
    stack: list[Any] = [nodes]
    while stack:
        value = stack.pop()
        if isinstance(value, ast.AST):
            fields = [(name, field) for name, field in ast.iter_fields(value) if name not in _IGNORED and not _is_empty(value, name, field)]
            yield b"node"
            yield type(value).__name__.encode()
            yield str(len(fields)).encode()
            for name, field in reversed(fields):
                stack += [field, _Name(name)]
        elif isinstance(value, list):
            yield b"list"
            yield str(len(value)).encode()
            stack += reversed(value)
        elif isinstance(value, _Name):
            yield value.encode()
        else:
            yield from _constant(value)


class _Name(str):
    """The name of a field, which is no constant of the program."""


def _is_empty(node: ast.AST, name: str, field: Any) -> bool:
    """None is the value of the constant None."""
    return field == [] or (field is None and not (isinstance(node, ast.Constant) and name == "value"))


def _constant(value: Any) -> Iterator[bytes]:
    yield type(value).__name__.encode()
    if isinstance(value, str):
        # repr depends on the Unicode tables of this Python; lone surrogates are legal in a literal.
        yield value.encode("utf-8", "surrogatepass")
    elif isinstance(value, bytes):
        yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        # Decimal digits of large numbers are refused from Python 3.11 on.
        yield hex(value).encode()
    else:
        yield repr(value).encode()
