import { dirname, resolve } from 'node:path';
import { Failure } from '../base/failure.ts';
import { parseJsonObject } from '../base/json.ts';
import { shellWord } from '../base/shell-word.ts';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import { installationOf } from './install.ts';
import {
  type AskedEnvironment,
  type DifferentPackage,
  differs,
  type KnownEnvironment,
  noProgram,
  notEntered,
} from './known-environment.ts';
import { lineIn, programFolder } from './program-line.ts';
import { readRequirements } from './requirements.ts';
import { type NoAnswer, runTool } from './run-tool.ts';

/** What a Python says of itself. */
interface Interpreter {
  readonly version: string;
  readonly platform: string;
  readonly files: readonly string[];
  readonly different: readonly DifferentPackage[];
  /** What the packages of the file require and the file does not name, as it is installed: `certifi 2026.1.4`. */
  readonly others: readonly string[];
}

/** Needs Python 3.8. */
const QUESTION = String.raw`
import json, os, platform, re, sys, sysconfig
from importlib import metadata

# As pip reads versions: 2.1 is 2.1.0, and 2023.03 is 2023.3.
VERSION = re.compile(
    r"v?(?:(\d+)!)?(\d+(?:\.\d+)*)"
    r"(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?"
    r"(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?"
    r"(?:[-_.]?(dev)[-_.]?(\d*))?"
    r"(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?"
)
PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}

def public_and_local(text):
    found = VERSION.fullmatch(text.strip().lower())
    if found is None:
        return text, None
    epoch, release, pre, pre_number, number, post, post_number, dev, dev_number, local = found.groups()
    numbers = [int(part) for part in release.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    public = (
        int(epoch or 0),
        numbers,
        pre and (PRE.get(pre, pre), int(pre_number or 0)),
        int(number or post_number or 0) if number or post else None,
        dev and int(dev_number or 0),
    )
    return public, local and [part.lstrip("0") or "0" if part.isdigit() else part for part in re.split("[-_.]", local)]

def is_asked(wanted, found):
    public, local = public_and_local(wanted)
    own_public, own_local = public_and_local(found)
    return public == own_public and (local is None or local == own_local)

def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None

def normal(name):
    return re.sub("[-_.]+", "-", name).lower()

def required(name):
    try:
        lines = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
    # Extras are named in the file, or nobody asked for them.
    asked = [line for line in lines if not re.search(r"\bextra\b", line.partition(";")[2])]
    return [normal(found.group()) for found in map(re.compile(r"[\w.-]+").match, asked) if found]

different = []
pins = json.load(sys.stdin)
named = {normal(pin["name"]) for pin in pins}
waiting, others = sorted(named), {}
while waiting:
    for name in required(waiting.pop()):
        if name not in named and name not in others:
            found = version(name)
            if found is not None:
                others[name] = found
                waiting.append(name)
for pin in pins:
    found = version(pin["name"])
    if found is None or not is_asked(pin["version"], found):
        different.append({"name": pin["name"], "wanted": pin["version"], "found": found})
paths = sysconfig.get_paths()
print(json.dumps({
    "version": platform.python_implementation() + " " + platform.python_version(),
    "platform": sysconfig.get_platform(),
    "files": [sys.executable, os.path.join(sys.prefix, "pyvenv.cfg"), paths["purelib"], paths["platlib"]],
    "different": different,
    "others": [" ".join(each) for each in sorted(others.items())],
}))
`;

type PythonEnvironment = Extract<ProgramEnvironment, { tool: 'uv' | 'pip' }>;

/** The program that a command finds as its Python. */
export function pythonOf(environment: PythonEnvironment, root: string): string {
  if (environment.tool === 'uv') return 'python';
  const { interpreter } = environment;
  return programFolder(environment, root) === undefined ? interpreter : resolve(root, interpreter);
}

/** @throws {Failure} where there is no such Python, or it differs from the lock file */
export function askPython(asked: AskedEnvironment<PythonEnvironment>, root: string, lock: Buffer): KnownEnvironment {
  const { environment } = asked;
  const pins = environment.tool === 'pip' ? pinsOf(asked, lock) : [];
  const installation = installationOf(environment, root);
  if (installation) {
    const installed = runTool(installation, root);
    if ('kind' in installed) throw notThere(asked, installed);
  }
  const line = lineIn(environment, root, { program: pythonOf(environment, root), arguments: ['-c', QUESTION] });
  const answer = runTool(line, root, { input: JSON.stringify(pins) });
  if ('kind' in answer) throw notThere(asked, answer);
  const found = parsed(answer.stdout);
  if (!found) {
    throw notThere(asked, { kind: 'failed', program: line.program, message: `it answers ${answer.stdout}` });
  }
  const { version, platform, files, different, others } = found;
  if (different.length > 0) {
    const python = environment.tool === 'pip' ? environment.interpreter : 'python';
    const line = `${shellWord(python)} -m pip install -r ${shellWord(environment.lock)}`;
    throw differs(asked, 'the interpreter', different, line);
  }
  return { has: [version, platform, ...others], files };
}

/** The last line: a program that is asked may have printed others. */
function parsed(stdout: string): Interpreter | undefined {
  const found = parseJsonObject(stdout.trimEnd().split('\n').at(-1) ?? '');
  return typeof found?.version === 'string' ? (found as unknown as Interpreter) : undefined;
}

function pinsOf({ environment: { lock }, range }: AskedEnvironment<PythonEnvironment>, content: Buffer) {
  const { pins, open } = readRequirements(content.toString('utf8'));
  const [first] = open;
  if (!first) return pins;
  // An address may have a password.
  const shown = first.text.replace(/\/\/[^/@\s]+@/g, '//…@');
  const fact = `${lock}:${first.line} does not say which version: ${shown}`;
  throw new Failure('usage', { fact, fix: 'write name==version for each package (pip freeze)', range });
}

function notThere(asked: AskedEnvironment<PythonEnvironment>, answer: NoAnswer): Failure {
  const { tool, lock } = asked.environment;
  if (answer.kind === 'missing') {
    const venv = venvOf(asked.environment);
    const made = `make it: python3 -m venv ${shellWord(venv)} && ${shellWord(`${venv}/bin/pip`)} install -r ${shellWord(lock)}`;
    return noProgram(asked, answer.program, tool === 'uv' ? 'install it: python3 -m pip install uv' : made);
  }
  const fix = tool === 'uv' ? 'see what uv says; "uv lock" brings the lock file up to date' : 'repair the interpreter';
  return notEntered(asked, answer.message, fix);
}

function venvOf(environment: PythonEnvironment): string {
  return environment.tool === 'pip' && /\/bin\/[^/]+$/.test(environment.interpreter)
    ? dirname(dirname(environment.interpreter))
    : '.venv';
}
