import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isJsonObject, parseJsonObject } from '../../../base/json.ts';
import { pythonFolder } from '../../../keys/python/python-folder.ts';

/** What a Python process did; python/README.md describes it. */
export interface ProcessReport {
  readonly python: string;
  readonly executable: string;
  /** Of the project, relative to it. */
  readonly files: readonly { readonly path: string; readonly uses: readonly string[] }[];
  /** Of the modules that it tried to import, at the top level. */
  readonly names: readonly string[];
  /** Where it looked for them. */
  readonly path: readonly string[];
  readonly distributions: readonly ReportedDistribution[];
  /** Modules of no distribution. */
  readonly modules: readonly { readonly name: string; readonly path: string }[];
}

export interface ReportedDistribution {
  readonly name: string;
  readonly version: string;
  /** The folder or file of its metadata. */
  readonly path: string;
  /** SHA-256 of RECORD. */
  readonly record: string | null;
}

/** What a killed process has left. */
interface Lines {
  readonly executable: string;
  readonly files: ReadonlyMap<string, ReadonlySet<string>>;
  readonly names: readonly string[];
}

/**
 * Reads what the Python processes of a program have reported. Those that were killed left lines; where these name modules that no report
 * does, the same Python makes a report of them.
 */
export async function readReports(folder: string, environment: NodeJS.ProcessEnv): Promise<readonly ProcessReport[]> {
  // The folder is there once a Python process has written into it.
  if (!existsSync(folder)) return [];
  const reports = reportsIn(folder);
  const known = new Set(reports.flatMap(({ names }) => names));
  const left = filesIn(folder, '.lines').map((file) => parseLines(readFileSync(file, 'latin1')));
  const unknown = left.find(({ names }) => names.some((name) => !known.has(name)));
  if (!unknown) return [...reports, ...left.map(reportOf)];
  await makeReports(unknown.executable, folder, environment);
  return reportsIn(folder);
}

/** The facts of the lines that are whole: a process may be killed within its last one. */
export function parseLines(text: string): Lines {
  let executable = '';
  const files = new Map<string, Set<string>>();
  const names: string[] = [];
  for (const line of text.split('\n')) {
    const [kind, value] = factOf(line);
    if (kind === 'python') executable = value;
    else if (kind === 'name') names.push(value);
    else if (kind !== '') files.set(value, (files.get(value) ?? new Set()).add(kind));
  }
  return { executable, files, names };
}

function factOf(line: string): readonly [kind: string, value: string] {
  const [[kind, value] = ['', '']] = Object.entries(parseJsonObject(line) ?? {});
  return typeof value === 'string' ? [kind, value] : ['', ''];
}

function reportOf({ executable, files, names }: Lines): ProcessReport {
  const used = [...files].map(([path, uses]) => ({ path, uses: [...uses] }));
  return { python: '', executable, files: used, names, path: [], distributions: [], modules: [] };
}

function reportsIn(folder: string): readonly ProcessReport[] {
  return filesIn(folder, '.json').flatMap((file) => {
    try {
      const report: unknown = JSON.parse(readFileSync(file, 'utf8'));
      return isReport(report) ? [report] : [];
    } catch {
      // Written by something else than the audit.
      return [];
    }
  });
}

/** A program may write anything into the folder. */
function isReport(report: unknown): report is ProcessReport {
  if (!isJsonObject(report)) return false;
  const { python, executable, files, names, path, distributions, modules } = report;
  const lists = [files, names, path, distributions, modules];
  return typeof python === 'string' && typeof executable === 'string' && lists.every(Array.isArray);
}

/** With its environment, since PYTHONPATH decides where modules are found, and without an audit of its own. */
function makeReports(python: string, folder: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const { VMFDAG_AUDIT: _folder, ...env } = environment;
  const audit = join(pythonFolder(), 'vmfdag/_audit.py');
  return new Promise((resolve) => {
    // Relative folders in PYTHONPATH are those of the node.
    const cwd = dirname(dirname(folder));
    execFile(python, ['-B', audit, folder], { cwd, env, timeout: 60_000 }, () => resolve());
  });
}

function filesIn(folder: string, extension: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(extension));
    return names.sort().map((name) => join(folder, name));
  } catch {
    // The program has removed it.
    return [];
  }
}
