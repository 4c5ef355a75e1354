import { Failure } from '../../base/failure.ts';
import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { DeclaredStage } from '../pipeline.ts';
import type { Problems } from '../problems.ts';
import { describeValue } from '../references/lookup.ts';
import { compileTemplate } from '../references/template.ts';
import { evenRetries } from '../stages/retry-policy.ts';
import { type Place, problemAt } from '../yaml/source.ts';
import { entryOf, type Tree, type TreeEntry, textOf } from '../yaml/tree.ts';
import { artefactTypeOf, type SourceContent } from './source-content.ts';

const NOTHING = Object.freeze({});

/** Reads one source, whose shape the schema has checked. Undefined where it is wrong. */
export function readSource(
  name: string,
  { key, value: tree }: TreeEntry,
  params: JsonObject,
  problems: Problems,
): DeclaredStage | undefined {
  const content = problems.attempt(() => readContent(tree, params));
  if (!content) return undefined;
  const type = artefactTypeOf(content);
  return {
    name,
    place: key,
    description: textOf(entryOf(tree, 'description')?.value),
    program: { kind: 'source', content },
    places: { program: key, code: key, codeEntries: [], environment: key, executor: key },
    each: [],
    scan: undefined,
    // What it says is no part of its key: the bytes count, wherever they come from.
    params: { kind: 'constant', depth: 0, value: NOTHING },
    paramsPlace: key,
    inputs: [],
    outputs: { [type]: type },
    retain: {},
    stop: [],
    compute: false,
    environment: { variables: [], secrets: [] },
    undeclared: 'ignore',
    reproducible: true,
    resources: { threads: 1, memoryBytes: 0, gpus: 0 },
    timeoutSeconds: undefined,
    retries: evenRetries(0),
    executor: undefined,
  };
}

function readContent(tree: Tree, params: JsonObject): SourceContent {
  const evaluated = (entry: TreeEntry): JsonValue => {
    const template = compileTemplate(entry.value, { params, coordinates: [], hidden: [], axes: undefined });
    return template.kind === 'constant' ? template.value : null;
  };
  const [file, files, url, sha256] = ['file', 'files', 'url', 'sha256'].map((kind) => entryOf(tree, kind));
  if (
    [file, files, url].filter((entry) => entry !== undefined).length !== 1 ||
    (url === undefined) !== (sha256 === undefined)
  ) {
    const fix = 'write {file: PATH}, {files: GLOB} or {url: ADDRESS, sha256: DIGEST}';
    throw new Failure(
      'usage',
      problemAt(tree.place, 'a source is one file, some files, or an address with its sha256', fix),
    );
  }
  if (file) return { kind: 'file', path: pathAt(evaluated(file), file.value.place) };
  if (files) {
    const found = evaluated(files);
    const globs = (Array.isArray(found) ? found : [found]).map((glob) => pathAt(glob, files.value.place));
    if (globs.some((glob) => !glob.startsWith('!'))) return { kind: 'files', globs };
    throw new Failure(
      'usage',
      problemAt(files.value.place, 'no glob says which files to take', 'write at least one without "!"'),
    );
  }
  if (!url || !sha256) throw new Error('a source of no kind');
  return {
    kind: 'url',
    url: urlAt(evaluated(url), url.value.place),
    sha256: digestAt(evaluated(sha256), sha256.value.place),
  };
}

function pathAt(value: JsonValue, place: Place): string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new Failure(
    'usage',
    problemAt(place, `this is ${describeValue(value)}`, 'write the path of a file, or a glob'),
  );
}

function urlAt(value: JsonValue, place: Place): string {
  const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    const fact = `this is ${describeValue(value)}`;
    throw new Failure('usage', problemAt(place, fact, 'write an address that begins with https:// or http://'));
  }
  if (url.username === '' && url.password === '') return url.href;
  const fix = 'records and messages name the address: use one without them';
  throw new Failure('usage', problemAt(place, 'the address holds a user name or a password', fix));
}

function digestAt(value: JsonValue, place: Place): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value)) return value.toLowerCase();
  const fix = 'write the 64 hexadecimal digits that "sha256sum FILE" prints';
  throw new Failure('usage', problemAt(place, `this is ${describeValue(value)}`, fix));
}
