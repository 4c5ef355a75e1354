import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRegularFile } from '../../engine/base/regular-file.ts';
import { writeWholeFile } from '../../engine/base/whole-file.ts';

/** What Dawn says of the machine's GPU. */
export type AdapterAnswer =
  | { readonly kind: 'found'; readonly adapter: string }
  | { readonly kind: 'none'; readonly detail: string };

const ANSWER_LIMIT = 10_000;

/** Answers of this process, for a project whose folders cannot be written to. */
const answers = /* @__PURE__ */ new Map<string, AdapterAnswer>();

/**
 * Asks Dawn for the GPU and keeps the answer. Dawn is code of the project: only a run may do this. It runs in a process of its own (about 0.1 s): the answer comes
 * asynchronously, and a driver that crashes takes that process along, not this one.
 */
export function askForAdapter(projectDirectory: string, dawnDirectory: string, adapterOptions: object): void {
  const digest = digestOfFiles(dawnDirectory);
  const answer = ask(join(dawnDirectory, 'index.js'), adapterOptions);
  answers.set(digest, answer);
  try {
    writeWholeFile(answerFile(projectDirectory), `${JSON.stringify({ digest, answer })}\n`);
  } catch {
    // Commands that run nothing will then say that they do not know.
  }
}

/** What these very files of Dawn said in the last run; executes nothing. */
export function knownAdapter(projectDirectory: string, dawnDirectory: string): AdapterAnswer | undefined {
  const digest = digestOfFiles(dawnDirectory);
  const known = answers.get(digest);
  if (known) return known;
  try {
    const kept = JSON.parse(readRegularFile(answerFile(projectDirectory), ANSWER_LIMIT).toString('utf8'));
    return kept.digest === digest ? (kept.answer as AdapterAnswer) : undefined;
  } catch {
    return undefined;
  }
}

function answerFile(projectDirectory: string): string {
  return join(projectDirectory, 'node_modules/.cache/vmfdag/webgpu-adapter.json');
}

function digestOfFiles(directory: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    const bytes = readFileSync(file);
    hash.update(`${relative(directory, file)}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function ask(dawnModule: string, adapterOptions: object): AdapterAnswer {
  const { stdout, stderr, status, signal, error } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', PROBE, pathToFileURL(dawnModule).href, JSON.stringify(adapterOptions)],
    { encoding: 'utf8', timeout: 30_000 },
  );
  if (status === 0 && stdout.trim() !== '') return { kind: 'found', adapter: stdout.trim() };
  if (error) return { kind: 'none', detail: error.message };
  if (signal) return { kind: 'none', detail: `the driver crashed with ${signal}` };
  const said = stderr.split('\n').find((text) => /^(Warning|\w*Error):/.test(text));
  return { kind: 'none', detail: said?.replace(/^\w+: /, '').trim() ?? '' };
}

/** Prints the GPU, its driver among the description, or nothing. Arguments: URL of Dawn's module, adapter options. */
const PROBE = `
const [module, options] = process.argv.slice(1);
const { create } = await import(module);
const info = (await create([]).requestAdapter(JSON.parse(options)))?.info;
const texts = info ? [info.vendor, info.architecture, info.device, info.description] : [];
process.stdout.write(texts.filter(Boolean).join(' '));
process.exit(0);
`;
