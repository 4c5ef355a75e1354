"""Records which files of the project a process opens, and which installed distributions it imports.

``install(folder, root, ignored)`` adds an audit hook (PEP 578). At its end the process writes ``<process>.json`` into the folder. Until then each fact is a
line of ``<process>.lines``, appended at once: a process that is killed, as multiprocessing.Pool kills its workers, leaves these lines.
``python _audit.py FOLDER`` makes JSON of such lines.

Not seen: files that native code opens, paths relative to a descriptor, and Python processes that are started with -I, -E or -S or without the
variables VMFDAG_AUDIT and PYTHONPATH. This module stands alone, since no package is on the path when it is loaded.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from _thread import get_ident

#: typing takes longer to load than all else here; checkers of types know this name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

VERSION = 1
_IMPORTERS = ("<frozen importlib._bootstrap_external>", "<frozen importlib._bootstrap>")
#: Their files count as distributions.
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")

#: A .pth file of setuptools imports the last one into every process, for the sake of distutils alone.
_NOT_IMPORTED = ("__main__", "__mp_main__", "sitecustomize", "usercustomize", "_distutils_hack")
_MOST_SEEN = 100_000
#: The package that the engine has with it, which may lie in the project's node_modules.
_ENGINE = os.path.dirname(os.path.abspath(__file__)) + os.sep

_recorder: Recorder | None = None


def install(folder: str, root: str, ignored: Iterable[str] = ()) -> None:
    """Call it once, before the program: a hook cannot be removed.

    :param ignored: folders in the project whose files do not count, such as the one that a command runs in
    """
    global _recorder
    _recorder = Recorder(folder, root, ignored)
    _recorder.note_names(name.partition(".")[0] for name in list(sys.modules))
    sys.addaudithook(_recorder.hook)
    atexit.register(_finish)
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)
    os._exit = _finishing(os._exit)  # type: ignore[assignment]


def _finish() -> None:
    if _recorder is not None:
        _recorder.finish()


def _after_fork() -> None:
    """The child reports what it does itself."""
    if _recorder is not None:
        _recorder.begin()


def _finishing(exit: Callable[[int], Any]) -> Callable[[int], Any]:
    """os._exit calls no handlers, and is how the children of multiprocessing end."""

    def _exit(status: int) -> Any:
        _finish()
        return exit(status)

    _exit.__doc__ = exit.__doc__
    return _exit


class Recorder:
    def __init__(self, folder: str, root: str, ignored: Iterable[str]) -> None:
        ignored = tuple(ignored)
        self._folder = os.path.join(os.path.abspath(folder), "")
        self._root = os.path.join(os.path.abspath(root), "")
        self._real_root = os.path.join(os.path.realpath(root), "")
        environments = [path for path in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix) if _is_environment(path, self._real_root)]
        #: What lies there was made for the program, and is not installed.
        self._given = _given_folders(ignored)
        self._ignored = tuple({os.path.join(each(path), "") for path in (*ignored, *environments, folder) for each in (os.path.abspath, os.path.realpath)})
        self._standard = frozenset(_NOT_IMPORTED) | frozenset(getattr(sys, "stdlib_module_names", ())) | frozenset(sys.builtin_module_names)
        #: The thread that is writing the report: what it opens is not the program's.
        self._reporting: int | None = None
        self._handlers: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._opened,
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            "os.rename": self._renamed,
            "os.link": self._linked,
            "os.mkdir": self._made,
            "os.exec": lambda args: self.finish(),
            "import": self._imported,
            "cpython.run_file": self._ran,
            "sqlite3.connect": self._connected,
            "ctypes.dlopen": self._loaded,
        }
        self.begin()

    def begin(self) -> None:
        self._name = f"{os.getpid()}-{time.time_ns():x}"
        self._seen: set[tuple[str, str, Any]] = set()
        self._files: dict[str, set[str]] = {}
        self._own: set[str] = set()
        self._names: set[str] = set()
        self._has_lines = False

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        handler = self._handlers.get(event)
        if handler is None or self._reporting == get_ident():
            return
        try:
            handler(args)
        except Exception:
            # An exception of a hook would make the program's own call fail.
            pass

    def finish(self) -> None:
        """May be called several times: each report holds all that the process did."""
        self._reporting = get_ident()
        try:
            distributions, modules = Installed().owners_of(self._installed_files())
            modules = self._with_submodules(modules)
            os.makedirs(self._folder, exist_ok=True)
            _write_report(
                self._folder + self._name,
                complete=True,
                files=self._files,
                names=self._names,
                distributions=distributions,
                modules=modules,
            )
            _remove(f"{self._folder}{self._name}.lines")
        except Exception as error:
            # The lines are still there.
            try:
                print(f"vmfdag: what this process imported is not known: {error!r}", file=sys.stderr)
            except Exception:
                pass
        finally:
            self._reporting = None

    def note_names(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._names and name not in self._standard and not name.startswith("_vmfdag"):
                self._names.add(name)
                self._append("name", name)

    # What the events say. A path is that of the call; only a new one is examined, since a program may open a file a million times.

    def _opened(self, args: tuple[Any, ...]) -> None:
        path, mode, flags = args[0], args[1], args[2] or 0
        if not self._is_new("open", path, flags):
            return
        name = self._project_name(path)
        if name is None:
            return
        access = flags & (os.O_WRONLY | os.O_RDWR)
        if access == 0:
            self._note(name, "import" if _is_import() else _use(path, "read"))
        elif _is_import():
            return  # Compiled code, in its cache.
        elif flags & os.O_TRUNC or (flags & os.O_CREAT and flags & os.O_EXCL):
            self._own.add(name)
            self._note(name, "write")
        else:
            if access == os.O_RDWR:
                self._note(name, "read")
            self._note(name, "write")

    def _listed(self, args: tuple[Any, ...]) -> None:
        path = "." if args[0] is None else args[0]
        # The import system lists the folders of sys.path.
        if not _is_import() and self._is_new("list", path, None):
            self._note(self._project_name(path), _use(path, "list"))

    def _renamed(self, args: tuple[Any, ...]) -> None:
        source, target = self._project_name(args[0]), self._project_name(args[1])
        if target is not None and not _is_import():
            if source is None or self._is_own(source):
                self._own.add(target)
            self._note(target, "write")
        elif target is None:
            self._note(source, "read")

    def _linked(self, args: tuple[Any, ...]) -> None:
        """Under its other name it is no file of the project any more."""
        self._note(self._project_name(args[0]), "read")

    def _made(self, args: tuple[Any, ...]) -> None:
        name = self._project_name(args[0])
        # The event comes before the call, which fails for a folder that is there.
        if name is not None and not os.path.lexists(args[0]):
            self._own.add(name)

    def _imported(self, args: tuple[Any, ...]) -> None:
        self.note_names((str(args[0]).partition(".")[0],))

    def _ran(self, args: tuple[Any, ...]) -> None:
        self._note(self._project_name(args[0]), "import")

    def _connected(self, args: tuple[Any, ...]) -> None:
        path = args[0]
        if isinstance(path, str) and path.startswith("file:"):
            path = path[5:].partition("?")[0]
        if path not in (":memory:", b":memory:", ""):
            self._note(self._project_name(path), "read")

    def _loaded(self, args: tuple[Any, ...]) -> None:
        if args[0] and os.sep in os.fsdecode(args[0]):
            self._note(self._project_name(args[0]), "read")

    def _note(self, name: str | None, use: str) -> None:
        if name is None or (use != "write" and self._is_own(name)):
            return
        uses = self._files.setdefault(name, set())
        if use not in uses:
            uses.add(use)
            self._append(use, name)

    def _is_new(self, event: str, path: Any, more: Any) -> bool:
        text = path if isinstance(path, str) else repr(path)
        call = (event, text if text[:1] == os.sep else f"{os.getcwd()}\0{text}", more)
        if call in self._seen:
            return False
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen.add(call)
        return True

    def _is_own(self, name: str) -> bool:
        """What the process made itself, or what lies in a folder that it made, is nothing that it depends on."""
        while name:
            if name in self._own:
                return True
            name = name.rpartition("/")[0]
        return False

    def _project_name(self, path: Any) -> str | None:
        """Relative to the root, with "/"; None for what does not belong to the project."""
        if isinstance(path, int):
            return None
        absolute = os.path.abspath(os.fsdecode(path))
        if absolute.startswith((_ENGINE, "/proc/", "/dev/", "/sys/")) or any(part in absolute for part in _INSTALLED):
            return None
        for each in (absolute, os.path.realpath(absolute)):
            # A link in an ignored folder may lead into the project.
            if os.path.join(each, "").startswith(self._ignored):
                continue
            for root in (self._root, self._real_root):
                if os.path.join(each, "").startswith(root):
                    return _source_of(each[len(root) :].replace(os.sep, "/")) or "."
        return None

    def _installed_files(self) -> dict[str, list[str]]:
        """Of what was imported, all but the standard library and the project itself."""
        standard = os.path.join(os.path.dirname(os.path.abspath(os.__file__)), "")

        def is_installed(path: str) -> bool:
            if os.path.abspath(path).startswith(self._given):
                return False
            if any(part in path for part in (*_INSTALLED, _ENGINE)):
                return True
            return not os.path.abspath(path).startswith(standard) and not os.path.realpath(path).startswith(self._real_root)

        return {name: list(filter(is_installed, files)) for name, files in _loaded_files(self._names).items()}

    def _with_submodules(self, modules: list[dict[str, str]]) -> list[dict[str, str]]:
        """No list of files stands for what belongs to no distribution, such as a working copy: each loaded file counts."""
        tops = {each["name"] for each in modules}
        found = {each["path"]: each for each in modules}
        for name, module in dict(sys.modules).items():
            top = name.partition(".")[0]
            file = _file_of(module) if top in tops else None
            if file and not os.path.abspath(file).startswith(self._given):
                found.setdefault(os.path.abspath(file), {"name": top, "path": os.path.abspath(file)})
        return [found[path] for path in sorted(found)]

    def _append(self, kind: str, text: str) -> None:
        if not self._has_lines:
            self._has_lines = True
            os.makedirs(self._folder, exist_ok=True)
            self._append("python", sys.executable or "")
        line = (_json({kind: text}) + "\n").encode("ascii")
        # Opened each time: a descriptor that is kept may be closed by the program, and its number given to another file.
        descriptor = os.open(f"{self._folder}{self._name}.lines", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def _json(value: Any) -> str:
    """The module json takes milliseconds to load, which most processes never need."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_json(key)}: {_json(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_json, value)) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return f'"{value}"'
    import json

    return json.dumps(value)


def _given_folders(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple({os.path.join(each(path), "") for path in paths for each in (os.path.abspath, os.path.realpath)})


def _is_environment(prefix: str, root: str) -> bool:
    """A virtual environment inside the project; a project inside the prefix, such as /usr/src, is none."""
    return not root.startswith(os.path.join(os.path.realpath(prefix), ""))


def _use(path: Any, use: str) -> str:
    """The event comes before the call, which fails for what is not there: packages look for their libraries in every folder of sys.path."""
    return use if os.path.exists(path) else "look"


def _is_import() -> bool:
    """Whether the import system made the call that an event is of: below it are the hook and a handler."""
    depth = 1
    frame: Any = sys._getframe(depth)
    while frame is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename in _IMPORTERS


def _source_of(name: str) -> str:
    """Of compiled code, its source: the cached file holds nothing else."""
    folder, _, file = name.rpartition("/")
    if not file.endswith(".pyc") or folder.rpartition("/")[2] != "__pycache__":
        return name
    parent = folder.rpartition("/")[0]
    return f"{parent}/" * bool(parent) + file.split(".")[0] + ".py"


def _loaded_files(names: Iterable[str]) -> dict[str, list[str]]:
    """The files of loaded modules, by the top-level name. One file is enough of a package, not of a namespace that several distributions share."""
    found: dict[str, list[str]] = {}
    modules = dict(sys.modules)
    shared = []
    for name in names:
        if name in modules:
            file = _file_of(modules[name])
            found[name] = [file] if file else []
            if not file and hasattr(modules[name], "__path__"):
                shared.append(name)
    for name, module in modules.items():
        top = name.partition(".")[0]
        file = _file_of(module) if top in shared else None
        if file:
            found[top].append(file)
    return found


def _file_of(module: Any) -> str | None:
    file = getattr(module, "__file__", None)
    return file if isinstance(file, str) else None


class Installed:
    """Which distribution a file belongs to, by the metadata next to it; importlib.metadata takes ten times as long to load."""

    def __init__(self) -> None:
        self._found: dict[str, list[Distribution]] = {}
        self._folders = {os.path.abspath(path) for path in sys.path if path}
        #: The newest first: modules of a namespace often belong to the one before.
        self._newest: Distribution | None = None

    def owners_of(self, files: dict[str, list[str]]) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
        """The distributions, and the modules that belong to none."""
        owners: dict[str, Distribution] = {}
        modules = []
        for name, paths in sorted(files.items()):
            for path in paths:
                found = self._owner(name, path)
                if found is not None:
                    owners[found.path] = found
                else:
                    modules.append({"name": name, "path": os.path.abspath(path)})
        described = [each.describe() for each in owners.values()]
        return sorted(described, key=lambda each: (each["name"], each["version"])), modules

    def _owner(self, name: str, path: str) -> Distribution | None:
        absolute = os.path.abspath(path)
        folder = os.path.dirname(absolute)
        while folder != os.path.dirname(folder):
            if folder in self._folders:
                owner = self._owner_in(folder, name, absolute[len(folder) + 1 :].replace(os.sep, "/"))
                if owner is not None:
                    self._newest = owner
                    return owner
            folder = os.path.dirname(folder)
        return None

    def _owner_in(self, folder: str, name: str, file: str) -> Distribution | None:
        # The distribution of the module's own name first: it is nearly always the owner.
        ordered = sorted(self._in_folder(folder), key=lambda each: (each is not self._newest, each.module_name != name.lower()))
        holder = next((each for each in ordered if each.holds(file)), None)
        # In the folder of a working copy (setup.py develop) the metadata says nothing of the files, which anybody may edit.
        if holder is not None or os.path.join(folder, "").endswith(_INSTALLED):
            return holder or next((each for each in ordered if each.claims(name)), None)
        return None

    def _in_folder(self, folder: str) -> list[Distribution]:
        found = self._found.get(folder)
        if found is None:
            try:
                entries = os.listdir(folder)
            except OSError:
                entries = []
            found = [Distribution(os.path.join(folder, entry)) for entry in entries if entry.endswith((".dist-info", ".egg-info"))]
            self._found[folder] = found
        return found


class Distribution:
    def __init__(self, path: str) -> None:
        self.path = path
        self.module_name = os.path.basename(path).partition("-")[0].lower()
        self._record: str | None = None
        self._tops: set[str] | None = None

    def holds(self, file: str) -> bool:
        if self._record is None:
            self._record = "\n" + self._text("RECORD").replace("\r\n", "\n")
        return f"\n{file}," in self._record

    def claims(self, name: str) -> bool:
        """Packages of Debian have no RECORD."""
        if len(self._record or "") > 1:
            return False
        if self._tops is None:
            self._tops = set(self._text("top_level.txt").split()) or {self.module_name}
        return name in self._tops

    def describe(self) -> dict[str, Any]:
        record = self._bytes("RECORD")
        headers = self._text("METADATA") or self._text("PKG-INFO") or self._text("")
        return {
            "name": _header(headers, "Name") or os.path.basename(self.path).partition("-")[0],
            "version": _header(headers, "Version") or "",
            "path": self.path,
            "record": _sha256(record) if record else None,
        }

    def _text(self, name: str) -> str:
        return self._bytes(name).decode("utf-8", "replace")

    def _bytes(self, name: str) -> bytes:
        try:
            with open(os.path.join(self.path, name) if name else self.path, "rb") as file:
                return file.read()
        except OSError:
            return b""


def _sha256(data: bytes) -> str:
    """hashlib would load OpenSSL."""
    try:
        from _sha2 import sha256
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:
            from hashlib import sha256
    return str(sha256(data).hexdigest())


def _header(text: str, name: str) -> str | None:
    for line in text.splitlines():
        if not line:
            return None
        if line.lower().startswith(f"{name.lower()}:"):
            return line.partition(":")[2].strip()
    return None


def _write_report(
    path: str, *, complete: bool, files: dict[str, set[str]], names: Iterable[str], distributions: list[dict[str, Any]], modules: list[dict[str, str]]
) -> None:
    report = {
        "version": VERSION,
        "python": ".".join(map(str, sys.version_info[:3])),
        "executable": sys.executable or "",
        "complete": complete,
        "files": [{"path": name, "uses": sorted(uses)} for name, uses in sorted(files.items())],
        "names": sorted(names),
        "path": _search_path(),
        "distributions": distributions,
        "modules": modules,
    }
    with open(f"{path}.part", "w", encoding="ascii") as file:
        file.write(_json(report))
    os.replace(f"{path}.part", f"{path}.json")


def _search_path() -> list[str]:
    """sys.path with the folders for packages that are missing: Python leaves them out, and a package that is installed there may stand before others."""
    path = [os.path.abspath(each) for each in sys.path if isinstance(each, str)]
    site: Any = sys.modules.get("site")
    if site is None:
        return path
    wanted = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    wanted += site.getsitepackages() if hasattr(site, "getsitepackages") else []
    wanted = list(map(os.path.abspath, wanted))
    for index, folder in enumerate(wanted):
        if folder not in path:
            later = [path.index(each) for each in wanted[index + 1 :] if each in path]
            path.insert(min(later) if later else len(path), folder)
    return path


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def report_of_lines(folder: str) -> int:
    """Makes a report of the lines of each process that was killed. Run it with the Python that the process had."""
    import json
    from importlib.util import find_spec

    count = 0
    given = _given_folders(filter(None, os.environ.get("VMFDAG_AUDIT_IGNORE", "").split(os.pathsep)))
    for entry in sorted(os.listdir(folder)):
        if not entry.endswith(".lines"):
            continue
        path = os.path.join(folder, entry)
        files: dict[str, set[str]] = {}
        found: dict[str, list[str]] = {}
        names = set()
        with open(path, encoding="ascii") as lines:
            for line in lines:
                try:
                    fact = json.loads(line)
                except ValueError:
                    continue  # The process was killed within its last line.
                ((kind, text),) = fact.items()
                if kind == "name":
                    names.add(text)
                    try:
                        spec = find_spec(text)
                    except (ImportError, ValueError):
                        continue  # A finder that is no longer sound, or a module that was not imported by one.
                    if spec is not None and spec.origin and os.path.exists(spec.origin) and not os.path.abspath(spec.origin).startswith(given):
                        found[text] = [spec.origin]
                elif kind != "python":
                    files.setdefault(text, set()).add(kind)
        distributions, modules = Installed().owners_of(found)
        name = path[: -len(".lines")]
        if not os.path.exists(f"{name}.json"):
            _write_report(name, complete=False, files=files, names=names, distributions=distributions, modules=_files_below(modules))
        os.unlink(path)
        count += 1
    return count


def _files_below(modules: list[dict[str, str]]) -> list[dict[str, str]]:
    """Nobody knows which submodules a killed process has loaded."""
    found = []
    for each in modules:
        paths = [each["path"]]
        folder, _, file = each["path"].rpartition(os.sep)
        if file.startswith("__init__."):
            paths = [os.path.join(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(".py")]
        found += [{"name": each["name"], "path": path} for path in sorted(paths)]
    return found


if __name__ == "__main__":
    # The folder of this file holds no module of the program.
    del sys.path[0]
    print(report_of_lines(sys.argv[1]))
