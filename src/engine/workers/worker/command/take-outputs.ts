import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../../../base/digest.ts';
import { Failure, isFailure } from '../../../base/failure.ts';
import { fileKind } from '../../../base/file-kind.ts';
import type { ArtefactType } from '../../../stage/artefact.ts';
import type { TakenArtefact } from '../../../store/artefact-files.ts';
import type { RecordedOutput } from '../../../store/store.ts';
import type { Job } from '../../protocol.ts';
import { VALUE_LIMIT_BYTES } from '../encode-output.ts';
import type { NodeFiles } from '../node-files.ts';
import { checkBytes } from './check-bytes.ts';
import type { NodePaths } from './node-paths.ts';

/** Larger ones need not be in memory: nothing is known of their content. */
const IN_MEMORY_BYTES = 4 * 1024 * 1024;

export interface TakenOutputs {
  readonly artefacts: Map<ArtefactDigest, Uint8Array | TakenArtefact>;
  readonly outputs: Readonly<Record<string, RecordedOutput>>;
}

/**
 * Takes what a command has left for each output.
 * @throws {Failure} kind `stage` where one is missing, is not what its type says, or something else is there
 */
export async function takeOutputs(folder: string, job: Job, paths: NodePaths, files: NodeFiles): Promise<TakenOutputs> {
  checkNames(folder, job, paths);
  const artefacts: TakenOutputs['artefacts'] = new Map();
  const outputs: Record<string, RecordedOutput> = {};
  for (const [name, type] of Object.entries(job.outputs)) {
    const place = join(folder, paths.outputs[name] ?? '');
    const output: Output = { name, type, place, shown: paths.outputs[name] ?? '', job };
    const taken = await takeOne(output, files);
    const digest = taken instanceof Uint8Array ? digestBytes<ArtefactDigest>(taken) : taken.digest;
    artefacts.set(digest, taken);
    outputs[name] = { type, digest, bytes: taken instanceof Uint8Array ? taken.length : taken.bytes };
  }
  return { artefacts, outputs };
}

interface Output {
  readonly name: string;
  readonly type: ArtefactType;
  readonly place: string;
  readonly shown: string;
  readonly job: Job;
}

function checkNames(folder: string, { node, outputs }: Job, paths: NodePaths): void {
  const extra = undeclaredNames(folder, node, paths);
  for (const [name, path] of Object.entries(paths.outputs)) {
    if (lstatSync(join(folder, path), { throwIfNoEntry: false })) continue;
    const is = outputs[name] === 'directory' ? 'folder' : 'file';
    // Many libraries add an ending to a name that has none.
    const longer = extra.find((file) => file.startsWith(`${path}.`));
    const left = longer ?? (extra.length > 0 ? listed(extra) : undefined);
    const missing = `the command of ${node} ended, and the ${is} of its output "${name}" is missing: ${path}`;
    throw new Failure('stage', {
      fact: left === undefined ? missing : `${missing}, but there is ${left}`,
      fix: longer
        ? `if the program adds to the name, say "paths: {outputs: {${name}: ${longer}}}"; {outputs.${name}} is this path then`
        : `write it to {outputs.${name}}, or remove the output from the stage`,
    });
  }
  if (extra.length === 0) return;
  throw new Failure('stage', {
    fact: `the command of ${node} left what is none of its outputs: ${listed(extra)}`,
    fix: 'declare it as an output, or write it to another folder; temporary files belong into $TMPDIR',
  });
}

/** What lies in the folder of outputs and is neither an output nor an input: inputs may have paths there. */
function undeclaredNames(folder: string, node: string, paths: NodePaths): readonly string[] {
  const known = [...Object.values(paths.outputs), ...inputPaths(paths)];
  const wanted = new Set(known.map((path) => path.split('/', 2).join('/')));
  const there = namesIn(folder, node).map((file) => `outputs/${file}`);
  return there.filter((file) => !wanted.has(file)).sort();
}

function listed(files: readonly string[]): string {
  return `${files.slice(0, 3).join(', ')}${files.length > 3 ? ', …' : ''}`;
}

function inputPaths({ inputs }: NodePaths): readonly string[] {
  return Object.values(inputs).flatMap((places) =>
    typeof places === 'string' ? [places] : places.map(({ path }) => path),
  );
}

function namesIn(folder: string, node: string): readonly string[] {
  try {
    return readdirSync(join(folder, 'outputs'));
  } catch (error) {
    const fact = `the command of ${node} ended, and its folder of outputs cannot be read: ${(error as Error).message}`;
    throw new Failure('stage', { fact, fix: 'leave the folder "outputs" in its place' });
  }
}

async function takeOne(output: Output, files: NodeFiles): Promise<Uint8Array | TakenArtefact> {
  const { type, place } = output;
  if (type === 'file' || type === 'directory') return takePath(output, type, files);
  const stats = lstatSync(place);
  if (!stats.isFile()) {
    throw refused(output, `it is a ${fileKind(stats)}, and no file`, `write a file to {outputs.${output.name}}`);
  }
  if (type === 'bytes' && stats.size > IN_MEMORY_BYTES) return takePath(output, 'file', files);
  if (stats.size > VALUE_LIMIT_BYTES) {
    throw refused(
      output,
      `it has ${stats.size} bytes, and a value has at most ${VALUE_LIMIT_BYTES}`,
      'declare it as file',
    );
  }
  const bytes = readValue(output);
  try {
    checkBytes(type, bytes);
  } catch (error) {
    throw refused(
      output,
      (error as Error).message,
      `write ${type} to {outputs.${output.name}}, or declare another type`,
    );
  }
  return bytes;
}

/** In memory of its own: small files would share it, and start at any offset. */
function readValue(output: Output): Uint8Array {
  try {
    return new Uint8Array(readFileSync(output.place));
  } catch (error) {
    throw refused(output, `it cannot be read: ${(error as Error).message}`, 'let the command leave it readable');
  }
}

async function takePath(output: Output, type: 'file' | 'directory', files: NodeFiles): Promise<TakenArtefact> {
  try {
    return await files.takeFrom(output.place, type);
  } catch (error) {
    if (!isFailure(error) || error.kind !== 'stage') throw error;
    const [first] = error.diagnostics;
    throw refused(output, `${first?.fact}`.replaceAll(output.place, output.shown), `${first?.fix}`, error.cause);
  }
}

function refused({ name, type, job }: Output, fact: string, fix: string, cause?: unknown): Failure {
  const what = `the output "${name}" (${type}) of ${job.node} cannot be stored: ${fact}`;
  return new Failure('stage', { fact: what, fix }, { cause });
}
