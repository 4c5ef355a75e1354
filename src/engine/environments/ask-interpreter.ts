import { spawnSync } from 'node:child_process';
import { isJsonObject } from '../base/json.ts';
import type { ProgramLine } from './program-line.ts';
import type { Pin } from './requirements.ts';

/** What a Python says of itself. */
export interface Interpreter {
  /** `CPython 3.11.2`. */
  readonly version: string;
  /** `linux-x86_64`. */
  readonly platform: string;
  /** Files and folders that change when it is replaced, or a package is installed. */
  readonly files: readonly string[];
  /** Pinned packages that it does not have, or in another version. */
  readonly different: readonly { readonly name: string; readonly wanted: string; readonly found: string | null }[];
}

/** A first installation by uv downloads packages. */
const LIMIT_MS = 30 * 60 * 1000;

const OUTPUT_LIMIT = 16 * 1024 * 1024;

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

/** Why there is no answer. */
export type NoInterpreter =
  | { readonly kind: 'missing'; readonly program: string }
  | { readonly kind: 'failed'; readonly program: string; readonly message: string };

/** Starts a Python, and asks for its version and for packages. */
export function askInterpreter(line: ProgramLine, pins: readonly Pin[], folder: string): Interpreter | NoInterpreter {
  const asked = runTool(line, folder, JSON.stringify(pins));
  if ('kind' in asked) return asked;
  return parsed(asked.stdout) ?? { kind: 'failed', program: line.program, message: `it answers ${asked.stdout}` };
}

/** Runs a program of the environment's tool to its end. */
export function runTool(
  { program, arguments: rest }: ProgramLine,
  folder: string,
  input = '',
): { readonly stdout: string } | NoInterpreter {
  const { error, status, signal, stdout, stderr } = spawnSync(program, rest, {
    cwd: folder,
    input,
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: OUTPUT_LIMIT,
  });
  if (error && 'code' in error && error.code === 'ENOENT') return { kind: 'missing', program };
  if (status === 0) return { stdout };
  const message = stderr?.trim() || error?.message || `it ended with ${signal ?? `exit code ${status}`}`;
  return { kind: 'failed', program, message };
}

/** The program that is asked, with its arguments. */
export function questionTo(python: string): ProgramLine {
  return { program: python, arguments: ['-c', QUESTION] };
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
