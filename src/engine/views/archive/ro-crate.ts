import type { JsonObject, JsonValue } from '../../base/json.ts';
import type { ArchiveIndex } from './archive-index.ts';

// Workflow Run Crate 0.5, a profile of RO-Crate 1.1: the pipeline file is the workflow, and what made the files is one action.

const CRATE = 'https://w3id.org/ro/crate/1.1';
const PROFILES = [
  { id: 'https://w3id.org/ro/wfrun/process/0.5', name: 'Process Run Crate', version: '0.5' },
  { id: 'https://w3id.org/ro/wfrun/workflow/0.5', name: 'Workflow Run Crate', version: '0.5' },
  { id: 'https://w3id.org/workflowhub/workflow-ro-crate/1.0', name: 'Workflow RO-Crate', version: '1.0' },
];
const PARAMETER = 'https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE';

/** A file of the archive. */
export interface CrateFile {
  readonly path: string;
  readonly bytes: number;
  readonly role: 'workflow' | 'result' | 'code' | 'record';
  readonly mediaType: string;
}

export interface CrateContent {
  readonly index: ArchiveIndex;
  readonly files: readonly CrateFile[];
  readonly description: string | undefined;
  /** An SPDX name; undefined where the project states none. */
  readonly license: string | undefined;
  /** The params in force. */
  readonly params: JsonObject;
  readonly engineVersion: string;
  /** Of the pipeline file: the digest of its text. */
  readonly workflowVersion: string;
}

/** The content of `ro-crate-metadata.json`. It has no clock: the same results give the same bytes. */
export function roCrateOf(content: CrateContent): JsonObject {
  const { index, files, params } = content;
  const { start, end } = spanOf(index);
  const workflow = files.find(({ role }) => role === 'workflow');
  if (!workflow) throw new Error('an archive without a pipeline file');
  const inputs = Object.keys(params).map((name) => ({ name, id: `#input-param-${slug(name)}` }));
  const sources = index.data.map(({ name }) => ({ name, id: `#input-source-${slug(name)}` }));
  const results = files.filter(({ role }) => role === 'result');
  const outputs = results.map(({ path }) => ({ name: path, id: `#output-${slug(path)}` }));
  const graph: JsonObject[] = [
    {
      '@id': 'ro-crate-metadata.json',
      '@type': 'CreativeWork',
      about: ref('./'),
      conformsTo: [ref(CRATE), ref('https://w3id.org/workflowhub/workflow-ro-crate/1.0')],
    },
    {
      '@id': './',
      '@type': 'Dataset',
      name: `${index.pipeline}: ${index.targets.join(', ')}`,
      description: content.description ?? `Results of the pipeline ${index.pipeline}, with how they were made`,
      datePublished: end,
      license: content.license === undefined ? 'The project states no license' : ref(licenseId(content.license)),
      conformsTo: PROFILES.map(({ id }) => ref(id)),
      mainEntity: ref(workflow.path),
      hasPart: refs(files.map(({ path }) => idOf(path))),
      mentions: ref('#run'),
    },
    ...PROFILES.map(({ id, name, version }): JsonObject => ({ '@id': id, '@type': 'CreativeWork', name, version })),
    ...(content.license === undefined
      ? []
      : [{ '@id': licenseId(content.license), '@type': 'CreativeWork', name: content.license } as JsonObject]),
    {
      '@id': '#vmfdag',
      '@type': 'ComputerLanguage',
      name: 'vmfdag',
      alternateName: 'pipeline.yaml',
      identifier: '#vmfdag',
      version: content.engineVersion,
    },
    {
      '@id': workflow.path,
      '@type': ['File', 'SoftwareSourceCode', 'ComputationalWorkflow'],
      name: index.pipeline,
      description: 'The pipeline file',
      version: content.workflowVersion,
      programmingLanguage: ref('#vmfdag'),
      encodingFormat: workflow.mediaType,
      contentSize: String(workflow.bytes),
      input: refs([...inputs, ...sources].map(({ id }) => id)),
      output: refs(outputs.map(({ id }) => id)),
    },
    ...inputs.map(({ id, name }) => formal(id, name, 'PropertyValue')),
    ...sources.map(({ id, name }) => formal(id, name, 'PropertyValue')),
    ...outputs.map(({ id, name }) => formal(id, name, 'File')),
    ...files.filter((file) => file !== workflow).map((file) => fileEntity(file, outputs)),
    ...inputs.map(({ id, name }): JsonObject => {
      const value = params[name] as JsonValue;
      const text = typeof value === 'object' ? JSON.stringify(value) : value;
      return { '@id': `#param-${slug(name)}`, '@type': 'PropertyValue', name, value: text, exampleOfWork: ref(id) };
    }),
    ...index.data.map(({ name, from, digest, bytes }): JsonObject => {
      const size = bytes === null ? '' : `, ${bytes} bytes`;
      return {
        '@id': `#source-${slug(name)}`,
        '@type': 'PropertyValue',
        name,
        value: `sha256:${digest}`,
        description: `Data that this crate does not hold${size}. From ${from.join(', ')}`,
        exampleOfWork: ref(`#input-source-${slug(name)}`),
      };
    }),
    {
      '@id': '#run',
      '@type': 'CreateAction',
      name: `Run of ${index.pipeline} for ${index.targets.join(', ')}`,
      description: describeRun(index),
      instrument: ref(workflow.path),
      startTime: start,
      endTime: end,
      actionStatus: 'http://schema.org/CompletedActionStatus',
      object: refs([
        ...inputs.map(({ name }) => `#param-${slug(name)}`),
        ...index.data.map(({ name }) => `#source-${slug(name)}`),
      ]),
      result: refs(results.map(({ path }) => idOf(path))),
    },
  ];
  return {
    '@context': [`${CRATE}/context`, 'https://w3id.org/ro/terms/workflow-run/context'],
    '@graph': graph,
  };
}

function describeRun({ profile, set, records }: ArchiveIndex): string {
  const settings = [profile === null ? '' : `profile ${profile}`, ...set.map((each) => `--set ${each}`)].filter(
    Boolean,
  );
  return `${records.length} nodes${settings.length > 0 ? `; ${settings.join(', ')}` : ''}`;
}

function fileEntity(
  { path, bytes, role, mediaType }: CrateFile,
  outputs: readonly { readonly name: string; readonly id: string }[],
): JsonObject {
  const output = role === 'result' ? outputs.find(({ name }) => name === path) : undefined;
  return {
    '@id': idOf(path),
    '@type': role === 'code' ? ['File', 'SoftwareSourceCode'] : 'File',
    name: path,
    encodingFormat: mediaType,
    contentSize: String(bytes),
    ...(output ? { exampleOfWork: ref(output.id) } : {}),
  };
}

function formal(id: string, name: string, type: 'PropertyValue' | 'File'): JsonObject {
  return {
    '@id': id,
    '@type': 'FormalParameter',
    additionalType: type,
    conformsTo: ref(PARAMETER),
    name,
    description: name,
  };
}

/** From the first node that was executed to the end of the last one. */
function spanOf({ records }: ArchiveIndex): { readonly start: string; readonly end: string } {
  const starts = records.map(({ startedAt }) => Date.parse(startedAt));
  const ends = records.map(({ startedAt, seconds }) => Date.parse(startedAt) + Math.round(seconds * 1000));
  const text = (milliseconds: number) => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, '+00:00');
  const first = starts.reduce((least, each) => Math.min(least, each), starts[0] ?? 0);
  return { start: text(first), end: text(ends.reduce((most, each) => Math.max(most, each), first)) };
}

function licenseId(name: string): string {
  return `https://spdx.org/licenses/${encodeURIComponent(name)}`;
}

/** One is no list: RO-Crate 1.1 wants it so. */
function refs(ids: readonly string[]): JsonValue {
  const [only, second] = ids;
  return only !== undefined && second === undefined ? ref(only) : ids.map(ref);
}

/** Paths are relative URIs. */
function idOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

function slug(text: string): string {
  return encodeURIComponent(text).replaceAll('%', '-');
}

function ref(id: string): JsonObject {
  return { '@id': id };
}
