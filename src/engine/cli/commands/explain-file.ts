import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { surveyProject } from '../../api/project/survey-project.ts';
import { nearestName } from '../../base/diagnostic.ts';
import { shortDigest } from '../../base/digest.ts';
import { Failure, isFailure } from '../../base/failure.ts';
import { ifThere } from '../../base/if-there.ts';
import { printableName } from '../../base/printable.ts';
import type { Pipeline } from '../../pipeline/pipeline.ts';
import type { NodeState } from '../../staleness/survey.ts';
import type { NodeRecord, Store } from '../../store/store.ts';
import type { ArchiveIndex } from '../../views/archive/archive-index.ts';
import { type FileOrigin, originOf } from '../../views/explain/file-origin.ts';
import { recordLines } from '../../views/explain/record-lines.ts';
import { type Standing, standingOf, standingText } from '../../views/explain/standing.ts';
import { describeSettings } from '../../views/results/leftovers.ts';
import type { Project } from '../options/project-options.ts';
import { line, printJson } from '../process/output.ts';

const OTHERS_SHOWN = 5;

/**
 * Whether a word names a file rather than a node: it is the path of one, and no stage or target has the name at its beginning.
 * @throws {Failure} for a path that can be no node, and is no file either
 */
export function namesFile(word: string, { stages, targets }: Pipeline): boolean {
  const isPath = /^(\.{0,2}[\\/]|[A-Za-z]:[\\/])/.test(word);
  const [name = ''] = word.split('/');
  const isKnown = stages.has(name) || targets.has(name);
  const found = ifThere((options) => statSync(word, options));
  // A folder may have the name of a stage: only what looks like a path can be one.
  const isFile = found?.isFile() === true || (isPath && found?.isDirectory() === true);
  if (isPath && !isFile) throw missing(word);
  // The first part of a path such as results/fig5.svg is a folder, and no stage.
  if (!found && !isKnown && word.includes('/') && isFolder(name)) throw missing(word);
  return isFile && (isPath || !isKnown);
}

function missing(path: string): Failure {
  const folder = dirname(path);
  const near = isFolder(folder) ? nearestName(basename(path), readdirSync(folder)) : undefined;
  return new Failure('usage', {
    fact: `there is no file ${path}`,
    fix: near === undefined ? 'name one that is there, or a node' : `did you mean ${join(folder, near)}?`,
  });
}

function isFolder(path: string): boolean {
  return ifThere((options) => statSync(path, options))?.isDirectory() === true;
}

/** `vmfdag explain FILE`: which run, node, params and code made a file of the results, or a copy of it, and whether it is up to date. */
export async function explainFile(path: string, project: Project, store: Store, json: boolean): Promise<number> {
  const origin = originOf(path, store);
  const { digest, mark, written, record } = origin;
  if (!written && !record) {
    const said = mark === undefined ? '' : `; it says of itself: ${printableName(mark)}`;
    throw new Failure('usage', {
      fact: `${path} is not a result that this cache knows: no record names its bytes (${shortDigest(digest)})${said}`,
      fix: 'it may have been changed, or its record removed; name the cache that it comes from with --cache DIR',
    });
  }
  const node = record?.node ?? written?.node;
  show(path, origin, await standingOf(origin, node ? await stateOfNode(node, project, store) : undefined, store), json);
  return 0;
}

/** The same for a file of an unpacked archive, from the records in it: neither a pipeline nor a cache is looked at. */
export function explainArchivedFile(path: string, { records }: ArchiveIndex, json: boolean): number {
  const origin = originOf(path, { records: () => records });
  if (!origin.record) {
    const fact = `${path} has other bytes than any result in this archive (${shortDigest(origin.digest)})`;
    throw new Failure('usage', { fact, fix: 'unpack the archive again' });
  }
  show(path, origin, { state: 'archived' }, json);
  return 0;
}

function show(path: string, origin: FileOrigin, standing: Standing, json: boolean): void {
  const { digest, written, record, others } = origin;
  if (json) {
    printJson({
      file: path,
      digest,
      written: written ?? null,
      output: origin.output ?? null,
      record: record ? withoutLog(record) : null,
      others: others.map(({ node }) => node),
      ...standing,
    });
  } else {
    for (const text of fileLines(path, origin, standing)) line(text);
  }
}

function withoutLog({ log: _log, ...record }: NodeRecord): object {
  return record;
}

/** Undefined for a node that the pipeline does not have, or no longer has. */
async function stateOfNode(node: string, project: Project, store: Store): Promise<NodeState | undefined> {
  try {
    const { asked } = await surveyProject(project, store, { targets: [node] });
    return asked.find((state) => state.node.id === node);
  } catch (error) {
    if (isFailure(error) && error.kind === 'usage') return undefined;
    throw error;
  }
}

function fileLines(path: string, origin: FileOrigin, standing: Standing): readonly string[] {
  const { digest, written, record, output, others } = origin;
  const isAltered = written !== undefined && written.digest !== digest;
  const source = record ? `${record.node}.${output}` : undefined;
  const more = others.length - OTHERS_SHOWN;
  return [
    source === undefined ? `${path} has bytes that no record of this cache names` : `${path} holds ${source}`,
    `  ${standingText(standing)}`,
    ...(written
      ? [
          `  ${isAltered ? 'has been changed since run' : 'published by run'} ${written.run}${isAltered ? ` wrote ${written.node}.${written.output}` : ''}, settings: ${describeSettings(written)}`,
        ]
      : []),
    ...(record
      ? [
          `  key ${shortDigest(record.key)}, code ${shortDigest(record.code)}`,
          ...recordLines(record).map((text) => `  ${text}`),
        ]
      : []),
    ...(others.length > 0
      ? [
          `  the same bytes were made by ${others
            .slice(0, OTHERS_SHOWN)
            .map(({ node }) => node)
            .join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
        ]
      : []),
  ];
}
