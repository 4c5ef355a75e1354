from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from programs import PACKAGE, run_program

SITE = str(PACKAGE / "vmfdag" / "_site")


class Audited:
    """A project, and what the processes of its programs report."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        self.reports = folder / "reports"
        self.elsewhere = folder / "elsewhere"
        for each in (self.root, self.reports, self.elsewhere):
            each.mkdir()

    def write(self, name: str, text: str = "") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, text: str, expected: "int | None" = 0, **variables: str) -> subprocess.CompletedProcess[str]:
        """Starts it in a folder outside of the project."""
        path = os.pathsep.join(filter(None, [SITE, variables.pop("PYTHONPATH", "")]))
        named = {"VMFDAG_AUDIT": str(self.reports), "VMFDAG_AUDIT_ROOT": str(self.root), "PYTHONPATH": path}
        return run_program(text, self.elsewhere, expected, ROOT=str(self.root), **{**named, **variables})

    def read(self) -> "list[dict[str, Any]]":
        return [json.loads(path.read_text()) for path in sorted(self.reports.glob("*.json"))]

    def files(self) -> "dict[str, set[str]]":
        found: dict[str, set[str]] = {}
        for report in self.read():
            for file in report["files"]:
                found.setdefault(file["path"], set()).update(file["uses"])
        return found


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    return Audited(tmp_path)


def test_files_of_the_project_are_recorded_by_their_use(audited):
    audited.write("data/a.csv")
    audited.write("data/b.csv")
    audited.write("both.bin")
    audited.write("lib/helper.py", "import json\n")
    audited.run(
        """
        import os, sys
        from pathlib import Path
        root = Path(os.environ["ROOT"])
        open(root / "data/a.csv").read()
        open(str(root / "data/a.csv")).read()
        os.close(os.open(bytes(root / "data/b.csv"), os.O_RDONLY))
        os.chdir(root / "data")
        open("../both.bin", "r+b").close()
        os.listdir()
        list(os.scandir(root))
        sys.path.insert(0, str(root / "lib"))
        import helper
        with open("/etc/hostname"): pass
        open("new.txt", "w").write("x")
        open("new.txt").read()
        open("../added.txt", "a").close()
        """
    )
    assert audited.files() == {
        "data/a.csv": {"read"},
        "data/b.csv": {"read"},
        "both.bin": {"read", "write"},
        "data": {"list"},
        ".": {"list"},
        "lib/helper.py": {"import"},
        "data/new.txt": {"write"},
        "added.txt": {"write"},
    }
    assert [report["complete"] for report in audited.read()] == [True] and not list(audited.reports.glob("*.lines"))


def test_what_a_process_made_itself_is_no_read(audited):
    audited.run(
        """
        import os
        os.chdir(os.environ["ROOT"])
        os.makedirs("out/deep")
        os.makedirs("out", exist_ok=True)
        with open("out/deep/a.part", "w"): pass
        os.replace("out/deep/a.part", "a.txt")
        open("a.txt").read()
        os.listdir("out/deep")
        """
    )
    assert audited.files() == {"out/deep/a.part": {"write"}, "a.txt": {"write"}}


def test_a_folder_that_was_there_is_read(audited):
    audited.write("out/old.txt")
    audited.run('import os\nos.chdir(os.environ["ROOT"])\nos.makedirs("out", exist_ok=True)\nos.listdir("out")\nopen("out/old.txt")')
    assert audited.files() == {"out": {"list"}, "out/old.txt": {"read"}}


def test_what_is_not_there_is_looked_for(audited):
    audited.run(
        """
        import os
        for call in (open, os.listdir):
            try:
                call(os.environ["ROOT"] + "/" + call.__name__)
            except FileNotFoundError:
                pass
        """
    )
    assert audited.files() == {"open": {"look"}, "listdir": {"look"}}


def test_links_into_the_project_are_seen_and_ignored_folders_are_not(audited):
    audited.write("data.txt")
    audited.write("work/input.txt")
    os.symlink(audited.root / "data.txt", audited.elsewhere / "link")
    os.symlink(audited.root, audited.elsewhere / "other-root")
    program = 'import os\nopen("link")\nopen("other-root/data.txt")\nopen(os.environ["ROOT"] + "/work/input.txt")'
    audited.run(program, VMFDAG_AUDIT_IGNORE=str(audited.root / "work"))
    assert audited.files() == {"data.txt": {"read"}}


def test_what_an_ignored_folder_has_of_the_project_is_seen(audited):
    for name in ("linked.txt", "again.txt", "moved.txt"):
        audited.write(name)
    audited.run(
        """
        import os
        root = os.environ["ROOT"]
        os.symlink(root + "/linked.txt", "linked")
        open("linked").read()
        os.link(root + "/again.txt", "again")
        open("again").read()
        os.rename(root + "/moved.txt", "moved")
        open(root + "/own.txt", "w").close()
        os.rename(root + "/own.txt", "own")
        open("result", "w").close()
        os.symlink("result", "other")
        open("other").read()
        """,
        VMFDAG_AUDIT_IGNORE=str(audited.elsewhere),
    )
    assert audited.files() == {"linked.txt": {"read"}, "again.txt": {"read"}, "moved.txt": {"read"}, "own.txt": {"write"}}


def test_the_path_has_missing_folders_of_packages_where_python_would_look(audited):
    home = audited.root / "home"
    home.mkdir()
    audited.run("import site, sys\nsys.path.insert(0, '')\nassert site.getusersitepackages() not in sys.path", HOME=str(home), PYTHONUSERBASE=str(home))
    (report,) = audited.read()
    assert report["path"][0] == str(audited.elsewhere)
    if sys.prefix == sys.base_prefix:
        index = next(index for index, folder in enumerate(report["path"]) if folder.startswith(str(home)))
        assert all("-packages" in folder for folder in report["path"][index:])


def test_cached_bytecode_counts_as_its_source(audited):
    audited.write("package/__init__.py")
    audited.write("package/module.py", "value = 1\n")
    expected = {"package/__init__.py": {"import"}, "package/module.py": {"import"}}
    for attempt in ("compiled", "cached"):
        audited.run("import sys, os\nsys.dont_write_bytecode = False\nsys.path.insert(0, os.environ['ROOT'])\nimport package.module")
        assert audited.files() == expected, attempt
        assert len(list((audited.root / "package" / "__pycache__").iterdir())) == 2
        for report in audited.reports.iterdir():
            report.unlink()


@pytest.mark.parametrize(
    "end, code",
    [("raise RuntimeError('no')", 1), ("sys.exit(3)", 3), ("os._exit(4)", 4), ("os.execv(sys.executable, [sys.executable, '-c', 'raise SystemExit(5)'])", 5)],
)
def test_a_report_is_there_however_the_process_ends(audited, end, code):
    audited.write("data.txt")
    audited.run(f"import os, sys\nopen(os.environ['ROOT'] + '/data.txt')\n{end}", expected=code)
    assert audited.files() == {"data.txt": {"read"}} and all(report["complete"] for report in audited.read())


def test_a_process_that_is_killed_leaves_lines_that_become_a_report(audited):
    audited.write('da"ta é.txt')
    audited.run("import os, signal\nimport pytest\nopen(os.environ['ROOT'] + '/da\"ta é.txt')\nos.kill(os.getpid(), signal.SIGKILL)", expected=-9, PYTHONUTF8="1")
    (lines,) = audited.reports.glob("*.lines")
    with open(lines, "a") as file:
        file.write('{"read": "half')
    assert audited.read() == []
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, str(PACKAGE / "vmfdag" / "_audit.py"), str(audited.reports)], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1\n" and not list(audited.reports.glob("*.lines"))
    (report,) = audited.read()
    assert not report["complete"] and report["files"] == [{"path": 'da"ta é.txt', "uses": ["read"]}]
    assert "pytest" in [each["name"] for each in report["distributions"]]


def test_threads_and_processes_are_seen(audited):
    for name in ("thread", "child", "fork", "spawn", "forkserver", "pool"):
        audited.write(f"{name}.txt")
    audited.run(
        """
        import multiprocessing, os, subprocess, sys, threading

        def read(name):
            with open(os.path.join(os.environ["ROOT"], name + ".txt")):
                pass

        if __name__ == "__main__":
            thread = threading.Thread(target=read, args=("thread",))
            thread.start()
            thread.join()
            subprocess.run([sys.executable, "-c", "import os; open(os.environ['ROOT'] + '/child.txt')"], check=True)
            for method in ("fork", "spawn", "forkserver"):
                process = multiprocessing.get_context(method).Process(target=read, args=(method,))
                process.start()
                process.join()
                assert process.exitcode == 0
            with multiprocessing.get_context("fork").Pool(2) as pool:
                pool.map(read, ["pool"])
        """
    )
    subprocess.run([sys.executable, str(PACKAGE / "vmfdag" / "_audit.py"), str(audited.reports)], check=True, capture_output=True)
    # Pool ends its workers by a signal.
    assert audited.files() == {f"{name}.txt": {"read"} for name in ("thread", "child", "fork", "spawn", "forkserver", "pool")}


def test_imported_distributions_have_name_version_and_digest(audited):
    audited.run("import pytest, json, xml.dom\ntry:\n  import nothing_of_this_name\nexcept ImportError:\n  pass")
    (report,) = audited.read()
    found = {each["name"]: each for each in report["distributions"]}
    expected = distribution("pytest")
    record = Path(str(expected.locate_file(f"pytest-{expected.version}.dist-info/RECORD")))
    assert found["pytest"]["version"] == expected.version
    assert found["pytest"]["record"] == (hashlib.sha256(record.read_bytes()).hexdigest() if record.exists() else None)
    assert "pluggy" in found and "json" not in found and not any("nothing" in name for name in found)
    assert "pip" not in found, "it was not imported"


def make_distribution(folder: Path, name: str, version: str, files: "dict[str, str]", record: bool = True) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: text\n")
    if record:
        (info / "RECORD").write_text("".join(f"{path},sha256=x,1\n" for path in files))
    else:
        (info / "top_level.txt").write_text("\n".join({path.split("/")[0].split(".")[0] for path in files}))


def test_distributions_are_found_by_their_files(audited):
    packages = audited.elsewhere / "dist-packages"
    make_distribution(packages, "PyThing", "1.0", {"thing/__init__.py": "import shared.one\n"})
    make_distribution(packages, "shared-one", "2.0", {"shared/one.py": ""})
    make_distribution(packages, "shared-two", "3.0", {"shared/two.py": ""})
    make_distribution(packages, "unused", "4.0", {"unused.py": ""})
    make_distribution(packages, "debian", "5.0", {"deb_module.py": ""}, record=False)
    (packages / "loose.py").write_text("")
    audited.run("import thing, deb_module, loose", PYTHONPATH=str(packages))
    (report,) = audited.read()
    record = {name: hashlib.sha256((packages / info / "RECORD").read_bytes()).hexdigest() for name, info in (("PyThing", "PyThing-1.0.dist-info"), ("one", "shared-one-2.0.dist-info"))}
    for each in report["distributions"]:
        assert Path(each.pop("path")).name.startswith(f"{each['name']}-{each['version']}.")
    assert {"thing", "shared", "deb_module", "loose"} <= set(report["names"]) and str(packages) in report["path"]
    assert [each for each in report["distributions"] if each["name"] in ("PyThing", "shared-one", "shared-two", "unused", "debian")] == [
        {"name": "PyThing", "version": "1.0", "record": record["PyThing"]},
        {"name": "debian", "version": "5.0", "record": None},
        {"name": "shared-one", "version": "2.0", "record": record["one"]},
    ]
    assert {"name": "loose", "path": str(packages / "loose.py")} in report["modules"]


def test_the_module_that_the_environment_has_at_start_is_executed_too(audited):
    (audited.elsewhere / "own").mkdir()
    (audited.elsewhere / "own" / "sitecustomize.py").write_text("import builtins\nbuiltins.started = __name__\n")
    audited.run("import builtins\nassert builtins.started == 'sitecustomize'", PYTHONPATH=str(audited.elsewhere / "own"))
    assert len(audited.read()) == 1


def test_without_the_variables_nothing_is_recorded(audited):
    audited.run("import sys\nassert '_vmfdag_audit' not in sys.modules", VMFDAG_AUDIT="")
    assert list(audited.reports.iterdir()) == []


def test_a_missing_folder_is_made(audited):
    audited.write("data.txt")
    folder = audited.reports / "missing"
    audited.run("import os\nopen(os.environ['ROOT'] + '/data.txt')", VMFDAG_AUDIT=str(folder))
    assert [each.suffix for each in folder.iterdir()] == [".json"]


def test_a_folder_that_cannot_be_made_fails_no_program(audited):
    audited.write("data.txt")
    (audited.reports / "file").write_text("")
    done = audited.run("import os\nopen(os.environ['ROOT'] + '/data.txt')\nprint('done')", VMFDAG_AUDIT=str(audited.reports / "file" / "folder"))
    assert done.stdout == "done\n" and done.stderr.count("vmfdag: ") == 1


def test_each_loaded_file_of_a_working_copy_is_a_module_of_no_distribution(audited):
    copy = audited.elsewhere / "copy"
    (copy / "tool" / "deep").mkdir(parents=True)
    for name in ("__init__.py", "used.py", "unused.py", "deep/__init__.py"):
        (copy / "tool" / name).write_text("")
    (copy / "tool.egg-info").mkdir()
    (copy / "tool.egg-info" / "PKG-INFO").write_text("Name: tool\nVersion: 1.0\n")
    (copy / "tool.egg-info" / "top_level.txt").write_text("tool\n")
    audited.run("import tool.used, tool.deep", PYTHONPATH=str(copy))
    (report,) = audited.read()
    assert [each["path"] for each in report["modules"] if each["name"] == "tool"] == [
        str(copy / "tool" / name) for name in ("__init__.py", "deep/__init__.py", "used.py")
    ]


def test_modules_in_the_folder_that_a_command_runs_in_are_not_installed(audited):
    folder = audited.elsewhere / "cache" / "node"
    folder.mkdir(parents=True)
    (folder / "helper.py").write_text("")
    variables = {"VMFDAG_AUDIT_IGNORE": str(folder.parent), "PYTHONPATH": str(folder)}
    audited.run("import helper", **variables)
    audited.run("import helper, os; os.kill(os.getpid(), 9)", -9, **variables)
    path = os.pathsep.join([SITE, str(folder)])
    subprocess.run([sys.executable, "-B", str(PACKAGE / "vmfdag" / "_audit.py"), str(audited.reports)], env={**os.environ, **variables, "PYTHONPATH": path}, check=True)
    assert len(audited.read()) == 2
    for report in audited.read():
        assert not [each for each in report["modules"] if each["name"] == "helper"] and "helper" in report["names"]
