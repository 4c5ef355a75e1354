import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NaivePipeline } from '../../engine/run/naive-pipeline.ts';
import {
  codeOf,
  edited,
  edits,
  gathers,
  pipelineText,
  type StageSketch,
  type World,
  withParam,
  worlds,
} from '../../engine/run/random-pipelines.ts';
import { type Project, projectOf } from '../support/project.ts';

/** For a long search: VMFDAG_PROPERTY_RUNS=100 npx vitest run test/e2e/runs/random-pipelines.test.ts */
const RUNS = Number(process.env.VMFDAG_PROPERTY_RUNS ?? 2);
const EDITS = 3;
const TIMEOUT_MS = RUNS * 300_000;

/** What `resultOf` of the naive pipeline does, as a stage's code. */
const RESULT = `import { createHash } from 'node:crypto';
export function resultOf(code, param, at, inputs) {
  const text = (bytes) => new TextDecoder().decode(bytes);
  const contents = Object.entries(inputs).map(([name, input]) =>
    [name, Array.isArray(input) ? input.map(({ coordinates, value }) => [coordinates, text(value)]) : text(input)]);
  const sorted = contents.sort(([a], [b]) => (a < b ? -1 : 1));
  const all = JSON.stringify([code, param ?? null, at.seed ?? null, at.epoch ?? null, sorted]);
  const result = createHash('sha256').update(all).digest('hex');
  return new TextEncoder().encode(code.includes('coarse') ? String(Number.parseInt(result.slice(0, 8), 16) % 2) : result);
}
`;

function stageText(world: World, sketch: StageSketch): string {
  const inputs = sketch.reads.map((read, index) => {
    return `in${index}: ${gathers(world, sketch, read) ? 'many' : 'one'}(bytes)`;
  });
  if (sketch.chainFrom !== undefined) inputs.push('out: one(bytes)');
  const own = codeOf({ ...world, helper: 0 }, { ...sketch, importsHelper: false });
  const code = sketch.importsHelper ? `\`${own} helper $\{helper}\`` : `'${own}'`;
  return `export const ${sketch.name} = /* @__PURE__ */ defineStage({
  params: v.record(v.string(), v.number()), inputs: { ${inputs.join(', ')} }, outputs: { out: bytes },
  run: ({ params, coordinates, inputs }) => ({ out: resultOf(${code}, params.value, coordinates, inputs) }),
});
`;
}

/** Writes all files again, each with a comment that no other version has. */
function write(project: Project, world: World, version: number): void {
  const comment = `// version ${version}\n`;
  const imports = `import * as v from 'valibot';
import { bytes, defineStage, many, one } from 'vmfdag';
import { helper } from './helper.ts';
import { resultOf } from './result.ts';
`;
  project.write('pipeline.yaml', `# version ${version}\n${pipelineText(world)}`);
  project.write('stages/result.ts', comment + RESULT);
  project.write('stages/helper.ts', `${comment}export const helper = ${world.helper};\n`);
  for (let first = 0; first < world.stages.length; first += 2) {
    const stages = world.stages.slice(first, first + 2).map((sketch) => stageText(world, sketch));
    project.write(`stages/m${first / 2}.ts`, comment + imports + stages.join(''));
  }
}

it(
  'does through files, processes and the disk what a naive model of the rules says',
  async () => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.array(edits, { minLength: EDITS, maxLength: EDITS }), async (first, steps) => {
        const project = projectOf({});
        const done = new Set<string>();
        const history = [first];
        let world = first;
        for (const [version, step] of [{ kind: 'nothing' } as const, ...steps].entries()) {
          world = edited(world, step, history);
          history.push(world);
          const seen = step.kind === 'set' ? withParam(world.params, step.which, step.value) : world.params;
          const set = step.kind === 'set' ? ['--set', `p${step.which}=${step.value}`] : [];
          const model = new NaivePipeline({ ...world, params: seen });
          const expected = [...model.work].flatMap(([node, work]) => (done.has(work) ? [] : [node])).sort();
          for (const work of model.work.values()) done.add(work);
          const results = Object.fromEntries([...model.results()].map(([node, content]) => [node, [sha256(content)]]));

          write(project, world, version);
          const { code, started } = await project.run(set);
          expect(code).toBe(0);
          expect(started).toEqual(expected);
          expect(await project.digests(set)).toEqual(results);
          if (version < steps.length) continue;
          const fresh = ['--cache', 'fresh', ...set];
          expect((await project.run(fresh)).started).toEqual(Object.keys(results).sort());
          expect(await project.digests(fresh)).toEqual(results);
        }
      }),
      { numRuns: RUNS, ...(process.env.VMFDAG_PROPERTY_RUNS ? {} : { seed: 7 }) },
    );
  },
  TIMEOUT_MS,
);

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
