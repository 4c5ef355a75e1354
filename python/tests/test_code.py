from __future__ import annotations

import ast
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Mapping

import pytest
from programs import PACKAGE

from vmfdag._code import UsageError, code_of

ENTRY = "train.py"


def write(root: Path, files: Mapping[str, "str | bytes"]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape"))


def reached(root: Path, entry: str = ENTRY, paths: "tuple[str, ...]" = ()) -> "list[str]":
    return [module["path"] for module in code_of(str(root), [entry], paths)["modules"]]


def digest(root: Path, text: "str | bytes") -> str:
    write(root, {ENTRY: text})
    return code_of(str(root), [ENTRY])["digest"]


PROGRAM = '''"""What it does."""
import os
from typing import List


class Model(dict):
    """A model."""

    size = 3

    def __init__(self, rate: float = 0.5, *others, flag=True, **more):
        """Makes it."""
        self.rate = rate
        self.text = f"{rate:.2f} {flag!r}"

    async def run(self):
        async with self as x:
            return [y async for y in x if y]


def step(x, y):
    # Adds.
    total = x + y * -1 if x else [a ** 2 for a in (y or [])]
    try:
        assert total, "none"
    except (KeyError, ValueError) as error:
        raise RuntimeError(b"bytes") from error
    finally:
        del total
    return lambda z=1: z, 1e309, 2j, ..., None, True, {"a": 1, **{}}, {1, 2}, "\\ud800"


if __name__ == "__main__":
    print(step(1, 2), Model())
'''


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("# Adds.", "# Subtracts, or not."),
        lambda text: "#!/usr/bin/env python3\n# -*- coding: utf-8 -*-\n" + text,
        lambda text: text.replace('"""What it does."""', '"""Something else."""'),
        lambda text: text.replace('    """A model."""\n', ""),
        lambda text: text.replace('        """Makes it."""\n', '        "Another."\n'),
        lambda text: text.replace("return lambda", "return \\\n        lambda"),
        lambda text: text.replace("    ", "\t"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("import os\n", "import os\n\n\n\n"),
        lambda text: text.replace('"none"', "'none'").replace("x + y", "(x) + (y)"),
        lambda text: text.replace("del total", "del total  # type: ignore"),
        lambda text: text.replace('"none"', 'u"none"').replace("rate: float = 0.5", "rate: float = 5e-1,").replace(",, *", ", *"),
        lambda text: ast.unparse(ast.parse(text)),
    ],
)
def test_comments_layout_and_docstrings_change_nothing(tmp_path, change):
    changed = change(PROGRAM)
    assert changed != PROGRAM
    assert digest(tmp_path, changed) == digest(tmp_path, PROGRAM)


@pytest.mark.parametrize(
    "old, new",
    [
        ("import os", "import io"), ("size = 3", "size = 4"), ("size = 3", "size = 3.0"), ("size = 3", "size = True"), ("size = 3", "size = '3'"),
        ("-1", "+1"), ("x + y", "x - y"), ("x + y", "y + x"), ("!r}", "!s}"), (":.2f", ":.3f"), ("flag=True", "flag=None"), ("*others, ", "*, "),
        ("1e309", "1e308"), ("2j", "2"), ("..., None", "None, ..."), ("{1, 2}", "{1}"), ("**{}", "'b': {}"), ("def run", "def ran"),
        ("async with", "with"), ("y async for", "y for"), ("    size = 3\n", ""), ("(KeyError, ValueError)", "KeyError"), ('b"bytes"', '"bytes"'),
        ("\\ud800", "\\ud801"), ("del total", "pass"), ('"none"', '"some"'), ("Model(dict)", "Model"), ("z=1: z", "z=1: 1"), (" from error", ""),
    ],
)  # fmt: skip
def test_any_other_edit_changes_the_digest(tmp_path, old, new):
    changed = PROGRAM.replace(old, new)
    assert changed != PROGRAM and ast.parse(changed)
    assert digest(tmp_path, changed) != digest(tmp_path, PROGRAM)


def test_random_edits_of_a_tree_change_the_digest(tmp_path):
    """Each constant, name, operator and statement in turn."""
    before = digest(tmp_path, PROGRAM)
    draw = random.Random(1)
    count = len(list(ast.walk(ast.parse(PROGRAM))))
    changed = 0
    for index in range(count):
        tree = ast.parse(PROGRAM)
        node = list(ast.walk(tree))[index]
        body = getattr(node, "body", None)
        if isinstance(node, ast.Name):
            node.id += "_"
        elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
            node.value = draw.random() + 7
        elif isinstance(node, ast.arg):
            node.arg += "_"
        elif isinstance(body, list) and len(body) > 1:
            del body[draw.randrange(1, len(body))]
        else:
            continue
        changed += 1
        assert digest(tmp_path, ast.unparse(tree)) != before, ast.dump(node)
    assert changed > 40


def test_docstrings_count_where_the_module_reads_them(tmp_path):
    program = '"""usage: {}"""\nimport argparse\nargparse.ArgumentParser(description=__doc__)\n'
    assert digest(tmp_path, program.format("one")) != digest(tmp_path, program.format("two"))


def test_a_long_expression_and_a_large_number_are_read(tmp_path):
    terms = " + ".join(f"x{i}" for i in range(2000))
    assert digest(tmp_path, f"y = {terms}") != digest(tmp_path, f"y = {terms} + 1")
    assert digest(tmp_path, f"y = 0x{'f' * 9000}") != digest(tmp_path, f"y = 0x{'f' * 8999}e")


def test_what_is_no_program_counts_by_its_bytes(tmp_path):
    write(tmp_path, {ENTRY: "print 'two'\n", "data.txt": "x", "null.py": b"x = 1\0"})
    for name in (ENTRY, "null.py"):
        (module,) = code_of(str(tmp_path), [name])["modules"]
        assert module["kind"] == "bytes" and module["problem"]
    assert digest(tmp_path, "print 'two'\n") != digest(tmp_path, "print 'two' \n")
    (module,) = code_of(str(tmp_path), ["data.txt"])["modules"]
    assert module["kind"] == "bytes" and "problem" not in module


def test_a_function_is_found_by_its_digest(tmp_path):
    def functions(text: str) -> "dict[str, str]":
        write(tmp_path, {ENTRY: text})
        return code_of(str(tmp_path), [ENTRY])["modules"][0]["functions"]

    before = functions(PROGRAM)
    assert set(before) == {"<module>", "Model", "Model.__init__", "Model.run", "step"}

    def changed(old: str, new: str) -> "set[str]":
        after = functions(PROGRAM.replace(old, new))
        return {name for name in {*before, *after} if before.get(name) != after.get(name)}

    assert changed("x + y", "x - y") == {"step"}
    assert changed("size = 3", "size = 4") == {"Model"}
    assert changed("Model(dict)", "Model(list)") == {"Model"}
    assert changed("self.rate = rate", "self.rate = 1") == {"Model.__init__"}
    assert changed("import os", "import io") == {"<module>"}
    assert changed("def step", "def stop") == {"step", "stop"}
    assert changed("# Adds.", "# Adds up.") == set()
    twice = functions("def f(): return 1\ndef f(): return 2\n")
    assert twice["f"] != functions("def f(): return 2\ndef f(): return 1\n")["f"]


# Each: what the entry imports, and which modules of the project that reaches.
TREE = {
    "a/__init__.py": "",
    "a/b/__init__.py": "",
    "a/b/c.py": "from ..other import x\nfrom . import d\n",
    "a/b/d.py": "",
    "a/other.py": "from a.deep.far import y\n",
    "a/deep/far.py": "",
    "a/unused.py": "",
    "space/one.py": "from .two import x\n",
    "space/two.py": "",
    "single.py": "import numpy.linalg\n",
    "stars/__init__.py": "__all__ = ['p', 'value']\nvalue = 1\n",
    "stars/p.py": "",
    "stars/q.py": "",
    "computed/__init__.py": "__all__ = [name for name in dir()]\n",
    "computed/p.py": "",
    "computed/q/__init__.py": "",
    "exports/__init__.py": "from .inner import thing\n",
    "exports/inner.py": "",
    "both.py": "",
    "both/__init__.py": "",
    "fast.cpython-311-x86_64-linux-gnu.so": b"\x7fELF",
    "fast.py": "",
    "runs/__init__.py": "",
    "runs/__main__.py": "import single\n",
    "lib/hidden.py": "",
    "importlib_alias.py": "",
}
C = ["a/__init__.py", "a/b/__init__.py", "a/b/c.py", "a/b/d.py", "a/deep/far.py", "a/other.py"]


@pytest.mark.parametrize(
    "text, modules",
    [
        ("import a", ["a/__init__.py"]),
        ("import a.b.c", C),
        ("import a.b.c as x, single", [*C, "single.py"]),
        ("from a.b import c", C),
        ("from a import b", ["a/__init__.py", "a/b/__init__.py"]),
        ("from a.b.c import d", C),
        ("if 0:\n  import single", ["single.py"]),
        ("try:\n  import single\nexcept ImportError:\n  import both", ["both/__init__.py", "single.py"]),
        ("def f():\n  class C:\n    from single import x", ["single.py"]),
        ("import space.one", ["space/one.py", "space/two.py"]),
        ("from space import two", ["space/two.py"]),
        ("from stars import *", ["stars/__init__.py", "stars/p.py"]),
        ("from stars import value", ["stars/__init__.py"]),
        ("from computed import *", ["computed/__init__.py", "computed/p.py", "computed/q/__init__.py"]),
        ("from exports import thing", ["exports/__init__.py", "exports/inner.py"]),
        ("import both", ["both/__init__.py"]),
        ("import fast", ["fast.cpython-311-x86_64-linux-gnu.so"]),
        ("import importlib\nimportlib.import_module('a.b.c')", C),
        ("from importlib import import_module as load, import_module\nimport_module('.b', 'a')", ["a/__init__.py", "a/b/__init__.py"]),
        ("__import__('space', fromlist=['two'])", ["space/two.py"]),
        ("import runpy\nrunpy.run_module('runs')", ["runs/__init__.py", "runs/__main__.py", "single.py"]),
        ("import a.missing, single.missing", ["a/__init__.py", "single.py"]),
        ("import numpy, os.path", []),
    ],
)
def test_imports_are_followed(tmp_path, text, modules):
    write(tmp_path, {**TREE, ENTRY: text})
    assert reached(tmp_path) == sorted([ENTRY, *modules])


def test_imports_are_those_that_python_executes(tmp_path):
    """What Python itself opens for the same program, as an independent answer."""
    packages = {name: text for name, text in TREE.items() if not isinstance(text, bytes) and "numpy" not in text}
    packages["single.py"] = ""
    text = "import a.b.c, space.one, both\nfrom stars import *\nfrom exports import thing\n"
    packages["a/other.py"] = "x = 1\nfrom a.deep.far import y\n"
    packages["a/deep/far.py"] = "y = 1\n"
    packages["space/two.py"] = "x = 1\n"
    packages["exports/inner.py"] = "thing = 1\n"
    write(tmp_path, {**packages, ENTRY: text})
    program = f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_path('{ENTRY}'); print(*(m.__file__ for m in sys.modules.values() if getattr(m, '__file__', None)), sep='\\n')"
    done = subprocess.run([sys.executable, "-B", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    executed = {os.path.relpath(path, tmp_path) for path in done.stdout.split() if Path(path).is_relative_to(tmp_path) or not os.path.isabs(path)}
    assert set(reached(tmp_path)) == {ENTRY, *(os.path.relpath(tmp_path / path, tmp_path) for path in executed)}


def test_an_edit_counts_where_the_module_is_reached_and_only_there(tmp_path):
    write(tmp_path, {**TREE, ENTRY: "import a.b.c\n"})
    before = code_of(str(tmp_path), [ENTRY])
    modules = [name for name in TREE if name.endswith(".py")]
    for name in modules:
        text = TREE[name]
        write(tmp_path, {name: f"{text}\nedited = 1\n"})
        after = code_of(str(tmp_path), [ENTRY])
        assert (after["digest"] != before["digest"]) == (name in C), name
        write(tmp_path, {name: f"# A comment.\n{text}"})
        assert code_of(str(tmp_path), [ENTRY])["digest"] == before["digest"], name
        write(tmp_path, {name: text})
    # A file that comes to stand in front of one that was reached.
    write(tmp_path, {"a/other/__init__.py": "x = 2\n"})
    assert code_of(str(tmp_path), [ENTRY])["digest"] != before["digest"]


def test_both_ways_to_start_an_entry_count(tmp_path):
    write(tmp_path, {"pkg/__init__.py": "", "pkg/train.py": "import helper\nfrom . import near\n", "pkg/near.py": "", "pkg/helper.py": "", "helper.py": ""})
    assert reached(tmp_path, "pkg/train.py") == ["helper.py", "pkg/__init__.py", "pkg/helper.py", "pkg/near.py", "pkg/train.py"]


def test_further_folders_are_looked_in(tmp_path):
    write(tmp_path, {**TREE, ENTRY: "import hidden\n"})
    assert reached(tmp_path) == [ENTRY]
    assert reached(tmp_path, paths=("lib",)) == ["lib/hidden.py", ENTRY]


def test_a_namespace_of_several_folders_is_one_package(tmp_path):
    write(tmp_path, {"x/space/one.py": "from .two import v\n", "y/space/two.py": "", ENTRY: "import space.one\n"})
    assert reached(tmp_path, paths=("x", "y")) == [ENTRY, "x/space/one.py", "y/space/two.py"]


def test_modules_of_others_are_listed_and_what_cannot_be_followed_is_named(tmp_path):
    text = "import numpy.linalg, os.path\nfrom torch.nn import Linear\nimport importlib, sys\nname = 'x'\nimportlib.import_module(name)\nsys.path.append('lib')\n"
    write(tmp_path, {ENTRY: text, "torch/notes.txt": ""})
    found = code_of(str(tmp_path), [ENTRY])
    assert found["external"] == ["importlib", "numpy", "os", "sys", "torch"]
    assert found["unresolved"] == [
        {"path": ENTRY, "line": 5, "fact": "import_module(…) imports by a computed name"},
        {"path": ENTRY, "line": 6, "fact": "changes sys.path"},
    ]


def test_circles_and_imports_above_the_root_end(tmp_path):
    write(tmp_path, {ENTRY: "import one\nfrom .... import x\nfrom ..up import y\n", "one.py": "import two\n", "two.py": f"import one, {ENTRY[:-3]}\n"})
    assert reached(tmp_path) == ["one.py", ENTRY, "two.py"]


@pytest.mark.parametrize("entry", ["missing.py", "a", "../outside.py", "/etc/passwd"])
def test_an_entry_that_is_no_file_of_the_project_is_refused(tmp_path, entry):
    write(tmp_path, TREE)
    with pytest.raises(UsageError, match=entry):
        code_of(str(tmp_path), [entry])


def test_the_program_prints_json_and_a_message(tmp_path):
    write(tmp_path, {**TREE, ENTRY: "import single\n"})
    run = [sys.executable, "-B", "-m", "vmfdag._code", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    done = subprocess.run([*run, ENTRY, str(tmp_path / "both.py")], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == code_of(str(tmp_path), [ENTRY, "both.py"])
    failed = subprocess.run([*run, "missing.py"], env=environment, capture_output=True, text=True)
    assert failed.returncode == 2 and failed.stdout == "" and failed.stderr.startswith("vmfdag._code: missing.py: there is no such file")


def test_the_digest_is_the_same_for_every_python(tmp_path):
    """Pinned: a change of this value reruns every Python stage, and raises SCHEMA."""
    assert digest(tmp_path, PROGRAM) == "5e6dfb5863e8c14a4cef908208409970d3328bb71e07e542021425e200795cc2"


def test_another_answer_needs_another_source_or_another_entry_of_a_folder_that_was_searched(tmp_path):
    draw = random.Random(5)
    names = ["a", "b", "c"]
    texts = ["", "import a", "from . import b", "from a import b, c", "from a import *", "import a.b.c", "from .c import a", "__all__ = ['b', 'c']", "__all__ = x"]

    def state(answer):
        folders = [
            sorted(
                f"{entry.name}/" if entry.is_dir() else entry.name
                for entry in os.scandir(tmp_path / folder["path"])
                if folder["names"] is None or entry.name.split(".")[0] in folder["names"]
            )
            if (tmp_path / folder["path"]).is_dir()
            else None
            for folder in answer["searched"]
        ]
        sources = [hashlib.sha256(path.read_bytes()).hexdigest() if (path := tmp_path / module["path"]).is_file() else None for module in answer["modules"]]
        return folders, sources

    write(tmp_path, {ENTRY: "import a, b"})
    answer = code_of(str(tmp_path), [ENTRY])
    changes = 0
    for _ in range(600):
        before = state(answer)
        place = tmp_path.joinpath(*(draw.choice(names) for _ in range(draw.randrange(3))))
        if draw.random() < 0.3 and place != tmp_path:
            shutil.rmtree(place, ignore_errors=True)
        elif not any(part.is_file() for part in [place, *place.parents]):
            name = draw.choice([*(f"{name}.py" for name in names), "__init__.py", "a.so", "other.txt"])
            write(place, {name: draw.choice(texts)})
        now = code_of(str(tmp_path), [ENTRY])
        if state(answer) == before:
            assert now == answer
        else:
            changes += 1
        answer = now
    assert changes > 50


def test_many_programs_are_read_as_one_by_one(tmp_path):
    write(tmp_path, {"a.py": "import shared, only\n", "b.py": "from pkg import shared\n", "shared.py": "x = 1\n", "only.py": "", "pkg/shared.py": "import shared\n"})
    programs = [{"entries": ["a.py"], "paths": []}, {"entries": ["b.py", "a.py"], "paths": ["pkg"]}, {"entries": ["missing.py"], "paths": []}, {"entries": ["b.py"], "paths": []}]
    done = subprocess.run(
        [sys.executable, "-m", "vmfdag._code", str(tmp_path), "--many"], cwd=PACKAGE, input=json.dumps(programs), capture_output=True, text=True, check=True
    )
    answers = json.loads(done.stdout)
    assert "missing.py" in answers.pop(2)["error"]
    del programs[2]
    assert answers == [code_of(str(tmp_path), each["entries"], each["paths"]) for each in programs]
