import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, relative, resolve, sep } from 'node:path';
import { type ArtefactDigest, digestBytes } from '../../base/digest.ts';
import { Failure } from '../../base/failure.ts';
import { isWithin } from '../../base/is-within.ts';
import { isJsonObject, type JsonValue } from '../../base/json.ts';
import manifest from '../../package.json' with { type: 'json' };
import type { SourceContent } from '../../pipeline/sources/source-content.ts';
import { mayRun, type NodeState, outputOf } from '../../staleness/survey.ts';
import type { NodeRecord, ResultFile, Store } from '../../store/store.ts';
import { type ArchiveIndex, type DataReference, INDEX_FILE, indexText } from '../../views/archive/archive-index.ts';
import { type CrateFile, roCrateOf } from '../../views/archive/ro-crate.ts';
import { publishFiles } from '../../views/results/publish-files.ts';
import { withPublished, writeResultsManifest } from '../../views/results/results-manifest.ts';
import { bundledSources } from '../project/bundled-sources.ts';
import type { Project } from '../project/project.ts';
import { surveyProject } from '../project/survey-project.ts';
import { overridesOf } from '../run/run-record.ts';
import { writeZip, type ZipEntry } from './zip-file.ts';

/** What an archive holds. */
export interface WrittenArchive {
  readonly file: string;
  readonly bytes: number;
  /** Paths of the targets' files in it. */
  readonly results: readonly string[];
  readonly records: number;
}

/** Files next to the pipeline file that say which packages its code needs. */
const PROJECT_FILES = ['package.json', 'package-lock.json', 'tsconfig.json'];

type CurrentState = Extract<NodeState, { state: 'current' }>;

/**
 * Writes the files of targets with all that says how they were made into one zip.
 * @throws {Failure} kind `usage` where a node is not up to date, or the bytes of a file are missing
 */
export async function archiveTargets(
  project: Project,
  targets: readonly string[],
  file: string,
  store: Store,
): Promise<WrittenArchive> {
  const { request, states } = await surveyProject(project, store, { targets });
  const current = states.filter((state): state is CurrentState => state.state === 'current');
  const open = states.find(mayRun);
  if (open) {
    const stale = open.node.id;
    const fix = `run "vmfdag run ${targets.join(' ')}" first`;
    throw new Failure('usage', { fact: `${targets.join(', ')}: ${stale} is not up to date`, fix });
  }
  const records = current.flatMap(({ subject }) => store.record(subject.key) ?? []);
  const files = request.plan.targets.flatMap((target) =>
    // There is no file of a node that is cut short.
    target.files.flatMap(({ path, source }) => {
      const state = states[source.node];
      return state?.state === 'current' ? [resultFileOf(path, state, source.output, store)] : [];
    }),
  );
  const index: ArchiveIndex = {
    pipeline: project.pipeline.name,
    profile: project.pipeline.profile ?? null,
    set: overridesOf(project),
    targets: request.plan.targets.map(({ name }) => name),
    records,
    data: current.flatMap((state) => dataReference(state, store)),
  };
  const staging = mkdtempSync(join(tmpdir(), 'vmfdag-archive-'));
  try {
    const results = await stageResults(files, index, records, staging, store);
    const code = codeFiles(project, bundledSources(project, request, store).files);
    const entries: ZipEntry[] = [
      { path: project.file, content: { text: project.text } },
      ...results.map((path) => ({ path: `results/${path}`, content: { file: join(staging, path) } })),
      ...code.map((path) => ({ path, content: { file: join(project.root, path) } })),
      { path: INDEX_FILE, content: { text: indexText(index) } },
    ];
    const crate = roCrateOf({
      index,
      files: entries.map((entry) => crateFile(entry, project.file)),
      description: project.pipeline.description,
      license: licenseOf(project.root),
      params: project.pipeline.params,
      engineVersion: manifest.version,
      workflowVersion: digestBytes<ArtefactDigest>(Buffer.from(project.text)),
    });
    const metadata = { path: 'ro-crate-metadata.json', content: { text: `${JSON.stringify(crate, null, 1)}\n` } };
    const newest = records.reduce((latest, { startedAt }) => (startedAt > latest ? startedAt : latest), '1980-01-01');
    const bytes = await writeZip(file, [metadata, ...entries], new Date(newest));
    return { file, bytes, results: files.map(({ path }) => `results/${path}`), records: records.length };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function resultFileOf(path: string, state: CurrentState, output: string, store: Store): ResultFile {
  const digest = outputOf(state, output) as ArtefactDigest;
  if (store.hasArtefact(digest)) return { path, digest, node: state.node.id, output, key: state.subject.key };
  const fix = `run "vmfdag run ${state.node.id} --restore" first`;
  throw new Failure('usage', { fact: `the bytes of ${state.node.id}.${output} are not in the cache`, fix });
}

/** Writes the files as a run does, with their manifest. @returns the paths of all files that there are then */
async function stageResults(
  files: readonly ResultFile[],
  { profile, set }: ArchiveIndex,
  records: readonly NodeRecord[],
  folder: string,
  store: Store,
): Promise<readonly string[]> {
  const results = { root: folder, directory: folder };
  await publishFiles(files, store, results);
  const runs = new Map(records.map(({ key, run }) => [key, run]));
  const entries = files.flatMap((file) => withPublished([], [file], runs.get(file.key) ?? '', { profile, set }));
  writeResultsManifest(results, [], entries);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** The project's own files that stages are made of, and those that say which packages they need. */
function codeFiles(project: Project, sources: readonly string[]): readonly string[] {
  const { root, file } = project;
  const named = PROJECT_FILES.map((name) => join(root, name)).filter((path) => existsSync(path));
  const own = [...sources, ...named].filter((path) => isWithin(resolve(path), root) && statSync(path).isFile());
  const paths = own.map((path) => relative(root, path).split(sep).join('/'));
  return [...new Set(paths)].filter((path) => path !== file).sort();
}

function dataReference({ node, outputs }: CurrentState, store: Store): readonly DataReference[] {
  if (node.stage.program.kind !== 'source') return [];
  const digest = outputs[0] as ArtefactDigest;
  const from = placesOf(node.stage.program.content);
  return [{ name: node.stage.name, from, digest, bytes: store.artefactBytes(digest) ?? null }];
}

function placesOf(content: SourceContent): readonly string[] {
  switch (content.kind) {
    case 'file':
      return [content.path];
    case 'files':
      return content.globs;
    case 'url':
      return [content.url];
  }
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.yaml': 'application/yaml',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.csv': 'text/csv',
  '.md': 'text/markdown',
  '.txt': 'text/plain',
  '.html': 'text/html',
  '.py': 'text/x-python',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.ts': 'text/x-typescript',
  '.arrow': 'application/vnd.apache.arrow.file',
};

function crateFile({ path, content }: ZipEntry, pipeline: string): CrateFile {
  const bytes = 'text' in content ? Buffer.byteLength(content.text) : statSync(content.file).size;
  const isRecord = path === INDEX_FILE || path.split('/').at(-1)?.startsWith('.');
  const role = path === pipeline ? 'workflow' : isRecord ? 'record' : path.startsWith('results/') ? 'result' : 'code';
  return { path, bytes, role, mediaType: MEDIA_TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream' };
}

/** What package.json says. */
function licenseOf(root: string): string | undefined {
  try {
    const content = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as JsonValue;
    const license = isJsonObject(content) ? content.license : undefined;
    return typeof license === 'string' && /^[A-Za-z0-9.+-]+$/.test(license) ? license : undefined;
  } catch {
    return undefined;
  }
}
