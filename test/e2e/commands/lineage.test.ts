import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, it } from 'vitest';
import { projectOf } from '../support/project.ts';
import { repository } from '../support/repository.ts';

interface Event {
  readonly eventType: string;
  readonly eventTime: string;
  readonly run: { readonly runId: string; readonly facets?: { readonly parent: { readonly run: object } } };
  readonly job: { readonly name: string };
  readonly inputs: readonly DataSet[];
  readonly outputs: readonly DataSet[];
}

interface DataSet {
  readonly name: string;
  readonly facets: Readonly<Record<string, { readonly _schemaURL: string }>>;
  readonly outputFacets?: Readonly<Record<string, { readonly _schemaURL: string }>>;
}

/** The published schemas of OpenLineage 2-0-2 and of the facets that are used, without their descriptions. */
const schemas = JSON.parse(readFileSync(join(repository, 'test/e2e/support/openlineage-schemas.json'), 'utf8'));
const ajv = new Ajv2020({ strict: false, validateFormats: false, schemas });

function problems(schema: string, document: unknown): unknown {
  const validate = ajv.getSchema(schema) ?? ajv.compile({ $ref: schema });
  return validate(document) ? [] : validate.errors;
}

it('the events of a run are as OpenLineage publishes them, facets too', async () => {
  const project = projectOf({
    'pipeline.yaml': `version: 1
name: lines
sources: {words: {file: words.txt}}
stages:
  count: {command: "wc -l < {inputs.w} > {outputs.n}", inputs: {w: words}, outputs: {n: json}}
  twice: {command: "cat {inputs.n} {inputs.n} > {outputs.t}", inputs: {n: count.n}, outputs: {t: bytes}}
  fails: {command: "exit 1", outputs: {o: json}, retries: 1}
`,
    'words.txt': 'a\n',
  });
  await project.run(['--keep-going']);
  const lineage = async () => {
    const { code, stdout, stderr } = await project.execute(['history', 'lineage', 'last']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };
  const text = await lineage();
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  const spec = 'https://openlineage.io/spec/2-0-2/OpenLineage.json';
  for (const event of events) {
    expect(problems(`${spec}#/$defs/RunEvent`, event)).toEqual([]);
    expect(event.run.runId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const sets = [...event.inputs, ...event.outputs];
    const facets = [
      ...Object.values(event.run.facets ?? {}),
      ...sets.flatMap(({ facets: own, outputFacets = {} }) => [...Object.values(own), ...Object.values(outputFacets)]),
    ] as readonly { readonly _schemaURL: string }[];
    for (const facet of facets) expect(problems(facet._schemaURL, facet)).toEqual([]);
  }
  // It does look.
  expect(problems(`${spec}#/$defs/RunEvent`, { ...events[0], eventTime: undefined })).not.toEqual([]);
  // Each run has a start and one end.
  const byRun = new Map<string, Event[]>();
  for (const event of events) byRun.set(event.run.runId, [...(byRun.get(event.run.runId) ?? []), event]);
  expect(byRun.size).toBe(1 + 3 + 2);
  for (const own of byRun.values()) {
    expect(own).toHaveLength(2);
    expect(own[0]?.eventType).toBe('START');
    expect(['COMPLETE', 'FAIL']).toContain(own[1]?.eventType);
  }
  const end = (name: string) => events.findLast(({ job, eventType }) => job.name === name && eventType !== 'START');
  expect(end('twice')).toMatchObject({
    eventType: 'COMPLETE',
    inputs: [{ name: 'count.n' }],
    outputs: [{ name: 'twice.t' }],
  });
  expect(end('count')?.inputs.map(({ name }) => name)).toEqual(['words.file']);
  expect(end('fails')).toMatchObject({ eventType: 'FAIL', outputs: [] });
  expect(end('lines.run')).toMatchObject({ eventType: 'FAIL' });
  // The same events each time, so that a collector knows them.
  expect(await lineage()).toBe(text);
});
