import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../src/engine/base/digest.ts';
import { randomStream } from '../../../src/engine/base/random.ts';
import { currentFolder } from '../../../src/engine/store/lmdb/generation.ts';
import { flipBit, tamper } from '../../engine/store/tamper.ts';
import { type Project, projectOf } from '../support/project.ts';

const PIPELINE = `version: 1
name: confirmed
params: {factor: 2, other: 5}
stages:
  seed: {run: stages.ts#seed, each: {n: [1, 2, 3]}, params: {factor: "\${factor}"}, outputs: {value: json}}
  double: {run: stages.ts#double, each: {n: [1, 2, 3]}, inputs: {value: seed.value}, outputs: {value: json}}
  sum: {run: stages.ts#sum, params: {other: "\${other}"}, inputs: {values: "double.value[*]"}, outputs: {total: json}}
targets:
  all: {nodes: [sum], files: {total.json: sum.total}}
  part: {nodes: [double], files: {first.json: double/1.value}}
default: [all, part]
`;

const STAGES = `import * as v from 'valibot';
import { defineStage, json, many, one } from 'vmfdag';
const OFFSET = 1;
export const seed = /* @__PURE__ */ defineStage({
  params: v.object({ factor: v.number() }), inputs: {}, outputs: { value: json() },
  run: ({ coordinates, params }) => ({ value: coordinates.n * params.factor }),
});
export const double = /* @__PURE__ */ defineStage({
  params: v.object({}), inputs: { value: one(json()) }, outputs: { value: json() },
  run: ({ inputs }) => ({ value: 2 * inputs.value + OFFSET }),
});
export const sum = /* @__PURE__ */ defineStage({
  params: v.object({ other: v.number() }), inputs: { values: many(json()) }, outputs: { total: json() },
  run: ({ inputs, params }) => ({ total: inputs.values.reduce((s, { value }) => s + value, params.other) }),
});
`;

const confirmedProject = () => projectOf({ 'pipeline.yaml': PIPELINE, 'stages.ts': STAGES });

/** What `vmfdag run` says, and that it succeeds. */
async function run(project: Project, args: readonly string[] = []): Promise<string> {
  const { code, stdout, stderr } = await project.execute(['run', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

const isUpToDate = (output: string) => output.startsWith('up to date: 0 nodes executed, 7 nodes found in the cache');
const cacheFolder = (project: Project) => currentFolder(project.path('cache'));

describe('a run of what was up to date before', () => {
  it('looks at no node, says the same, and is in the history', async () => {
    const project = confirmedProject();
    expect(await run(project)).toContain('7 nodes executed');
    const [first, second] = [await run(project), await run(project)];
    expect(isUpToDate(first)).toBe(true);
    const timeless = (text: string) => text.replace(/\(.*? s\)/, '');
    expect(timeless(second)).toBe(timeless(first));
    expect(second).toContain('total.json');

    // Behind the engine's back, and only to see whether it looks: records that vanish otherwise are noticed, as the tests below show.
    await tamper(cacheFolder(project), 'traces', (table) => table.clearSync());
    expect(isUpToDate(await run(project))).toBe(true);
    expect((await project.run()).started).toHaveLength(7);

    const runs = await project.json<readonly { id: string; state: string; executed: number }[]>(['history']);
    expect(runs.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done']);
    const shown = await project.execute(['history', 'show', runs[1]?.id ?? '']);
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('7');
  });

  it('writes files again that were removed or edited', async () => {
    const project = confirmedProject();
    await run(project);
    await run(project);
    const file = project.path('results/total.json');
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, 'edited');
    rmSync(project.path('results/first.json'));
    expect(isUpToDate(await run(project))).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(right);
    expect(existsSync(project.path('results/first.json'))).toBe(true);
  });

  it('restores a published artefact whose bytes are missing, and repairs a damaged one', async () => {
    const project = confirmedProject();
    await run(project);
    const file = project.path('results/total.json');
    const right = readFileSync(file, 'utf8');
    const digest = digestBytes<ArtefactDigest>(readFileSync(file));
    rmSync(file);
    await flipBit(cacheFolder(project), 'artefacts', digest, 0);
    const { code, stderr } = await project.execute(['run']);
    expect(code).toBe(1);
    expect(stderr).toContain('it was quarantined');
    expect(await run(project)).toContain('1 node executed');
    expect(readFileSync(file, 'utf8')).toBe(right);
  });

  it('never hides that something is to be done: random edits, removals and repairs', async () => {
    const project = confirmedProject();
    const draws = randomStream(20, 'actions of a test');
    const pick = <T>(values: readonly T[]): T => values[draws.integer(values.length)] as T;
    let args: readonly string[] = [];
    const actions: Readonly<Record<string, () => unknown>> = {
      nothing: () => {},
      param: () => {
        args = [`--set=factor=${pick([2, 3])}`, `--set=other=${pick([5, 6])}`];
      },
      code: () => project.write('stages.ts', STAGES.replace('OFFSET = 1', `OFFSET = ${pick([1, 2])}`)),
      pipeline: () => project.write('pipeline.yaml', PIPELINE.replace('[1, 2, 3]', pick(['[1, 2, 3]', '[3, 2, 1]']))),
      force: () => run(project, [...args, '--force', 'double']),
      gc: () => project.execute(['cache', 'gc', '--max-size', '0', '--keep-runs', '1']),
      damage: async () => {
        const found = await project.json<readonly { outputs: Readonly<Record<string, { digest: ArtefactDigest }>> }[]>([
          'cache',
          'ls',
        ]);
        const output = Object.values(pick(found)?.outputs ?? {})[0];
        if (!output) return;
        await flipBit(cacheFolder(project), 'artefacts', output.digest, 0);
        await project.execute(['cache', 'verify']);
      },
      results: () => rmSync(project.path('results'), { recursive: true, force: true }),
    };
    let upToDate = 0;
    for (let round = 0; round < 24; round++) {
      const name = pick(Object.keys(actions));
      await actions[name]?.();
      const states = await project.json<readonly { state: string }[]>(['status', ...args]);
      const nothingToDo = states.every(({ state }) => state === 'current');
      const said = await run(project, args);
      expect(isUpToDate(said), `round ${round}, ${name}: ${said}`).toBe(nothingToDo);
      if (nothingToDo) upToDate++;
      const total = await project.execute(['cache', 'get', 'sum.total', 'expected.json', ...args]);
      expect(total.code).toBe(0);
      expect(readFileSync(project.path('results/total.json'))).toEqual(readFileSync(project.path('expected.json')));
    }
    expect(upToDate).toBeGreaterThan(5);
    expect(upToDate).toBeLessThan(20);
  });
});
