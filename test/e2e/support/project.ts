import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ended, execute, Running, type RunReport, reportOf, type SpawnOptions } from './command-line.ts';
import { linkPackages, linkVmfdag, temporaryFolder } from './folders.ts';

/** A pipeline in a temporary folder, used through the command line only. */
export class Project {
  readonly directory: string;
  /** Options that every `run`, `status`, … of this project gets. */
  readonly options: readonly string[];

  constructor(directory: string, options: readonly string[] = []) {
    this.directory = directory;
    this.options = options;
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  read(path: string): string {
    return readFileSync(this.path(path), 'utf8');
  }

  /** Replaces a text that must be there exactly once: an edit that changes nothing would prove nothing. */
  edit(path: string, old: string, replacement: string): void {
    const parts = this.read(path).split(old);
    if (parts.length !== 2) throw new Error(`${path} has ${parts.length - 1} times: ${old}`);
    this.write(path, parts.join(replacement));
  }

  /** Replaces the first occurrence of a text that comes after another one. */
  editAfter(path: string, landmark: string, old: string, replacement: string): void {
    const text = this.read(path);
    const begin = text.indexOf(landmark);
    const found = begin < 0 ? -1 : text.indexOf(old, begin);
    if (found < 0) throw new Error(`${path} has no "${old}" after "${landmark}"`);
    this.write(path, text.slice(0, found) + replacement + text.slice(found + old.length));
  }

  /** Runs a command of a project to its end, whatever the exit code. */
  execute(args: readonly string[], options: SpawnOptions = {}): Promise<Ended> {
    return execute(this.directory, [...args, ...this.options], options);
  }

  start(args: readonly string[], options: SpawnOptions = {}): Running {
    return new Running(this.directory, [...args, ...this.options], options);
  }

  /** `vmfdag run --json`, taken apart. */
  async run(args: readonly string[] = [], options: SpawnOptions = {}): Promise<RunReport> {
    return reportOf(await this.execute(['run', '--json', ...args], options));
  }

  /** A command's `--json`, parsed. */
  async json<T>(args: readonly string[]): Promise<T> {
    const { code, stdout, stderr } = await this.execute([...args, '--json']);
    if (code !== 0) throw new Error(`vmfdag ${args.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  }

  /** Digests of the outputs of every node of the default targets, by node; null for one that is not up to date. */
  async digests(args: readonly string[] = []): Promise<Readonly<Record<string, readonly string[] | null>>> {
    const states = await this.json<readonly { node: string; outputs?: readonly string[] }[]>(['status', ...args]);
    return Object.fromEntries(states.map(({ node, outputs }) => [node, outputs ?? null]));
  }

  /** What the cache holds by now: names of the nodes that have a record, sorted. */
  async recorded(args: readonly string[] = []): Promise<readonly string[]> {
    const records = await this.json<readonly { node: string }[]>(['cache', 'ls', ...args]);
    return [...new Set(records.map(({ node }) => node))].sort();
  }
}

/** Makes a project out of texts, by path. Its stages import `vmfdag` and `valibot`, and it has TensorFlow.js to compute with. */
export function projectOf(files: Readonly<Record<string, string>>, options: readonly string[] = []): Project {
  const project = new Project(temporaryFolder(), options);
  project.write('package.json', '{"name": "tiny", "type": "module", "private": true}\n');
  linkPackages(project.directory, ['valibot', '@tensorflow', 'tfjs-backend-onednn']);
  linkVmfdag(project.directory);
  for (const [path, text] of Object.entries(files)) project.write(path, text);
  return project;
}
