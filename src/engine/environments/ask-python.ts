import { dirname, resolve } from 'node:path';
import { Failure } from '../base/failure.ts';
import { isJsonObject } from '../base/json.ts';
import type { ProgramEnvironment } from '../pipeline/stages/program-environment.ts';
import {
  type AskedEnvironment,
  type DifferentPackage,
  differs,
  type KnownEnvironment,
  noProgram,
  notEntered,
} from './known-environment.ts';
import { lineIn, programFolder, projectOf } from './program-line.ts';
import { readRequirements } from './requirements.ts';
import { type NoAnswer, runTool } from './run-tool.ts';

/** What a Python says of itself. */
interface Interpreter {
  readonly version: string;
  readonly platform: string;
  readonly files: readonly string[];
  readonly different: readonly DifferentPackage[];
}

/** Needs Python 3.8. */
const QUESTION = `
import json, os, platform, sys, sysconfig
from importlib import metadata

def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None

different = []
for pin in json.load(sys.stdin):
    found = version(pin["name"])
    if found is None or found.split("+")[0] != pin["version"].split("+")[0]:
        different.append({"name": pin["name"], "wanted": pin["version"], "found": found})
paths = sysconfig.get_paths()
print(json.dumps({
    "version": platform.python_implementation() + " " + platform.python_version(),
    "platform": sysconfig.get_platform(),
    "files": [sys.executable, os.path.join(sys.prefix, "pyvenv.cfg"), paths["purelib"], paths["platlib"]],
    "different": different,
}))
`;

type PythonEnvironment = Extract<ProgramEnvironment, { tool: 'uv' | 'pip' }>;

/** The program that a command finds as its Python. */
export function pythonOf(environment: PythonEnvironment, root: string): string {
  if (environment.tool === 'uv') return 'python';
  const { interpreter } = environment;
  return programFolder(environment, root) === undefined ? interpreter : resolve(root, interpreter);
}

/** @throws {Failure} where there is no such Python, or it has not what the lock file says */
export function askPython(asked: AskedEnvironment<PythonEnvironment>, root: string, lock: Buffer): KnownEnvironment {
  const { environment } = asked;
  const pins = environment.tool === 'pip' ? pinsOf(asked, lock) : [];
  if (environment.tool === 'uv') {
    // Without the project itself: its modules are code of the stage, and found in the node's folder.
    const options = ['sync', '--locked', '--no-install-project', '--project', projectOf(environment.lock, root)];
    const installed = runTool({ program: 'uv', arguments: options }, root);
    if ('kind' in installed) throw notThere(asked, installed);
  }
  const line = lineIn(environment, root, { program: pythonOf(environment, root), arguments: ['-c', QUESTION] });
  const answer = runTool(line, root, { input: JSON.stringify(pins) });
  if ('kind' in answer) throw notThere(asked, answer);
  const found = parsed(answer.stdout);
  if (!found) {
    throw notThere(asked, { kind: 'failed', program: line.program, message: `it answers ${answer.stdout}` });
  }
  const { version, platform, files, different } = found;
  if (different.length > 0) {
    const python = environment.tool === 'pip' ? environment.interpreter : 'python';
    throw differs(asked, 'the interpreter', different, `${python} -m pip install -r ${environment.lock}`);
  }
  return { has: [version, platform], files };
}

/** The last line: a program that is asked may have printed others. */
function parsed(stdout: string): Interpreter | undefined {
  try {
    const found: unknown = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '');
    return isJsonObject(found) && typeof found.version === 'string' ? (found as unknown as Interpreter) : undefined;
  } catch {
    return undefined;
  }
}

function pinsOf({ environment: { lock }, range }: AskedEnvironment<PythonEnvironment>, content: Buffer) {
  const { pins, open } = readRequirements(content.toString('utf8'));
  const [first] = open;
  if (!first) return pins;
  const fact = `${lock}:${first.line} does not say which version: ${first.text}`;
  throw new Failure('usage', { fact, fix: 'write name==version for each package (pip freeze)', range });
}

function notThere(asked: AskedEnvironment<PythonEnvironment>, answer: NoAnswer): Failure {
  const { tool, lock } = asked.environment;
  if (answer.kind === 'missing') {
    const made = `make it: python3 -m venv ${venvOf(asked.environment)} && ${venvOf(asked.environment)}/bin/pip install -r ${lock}`;
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
