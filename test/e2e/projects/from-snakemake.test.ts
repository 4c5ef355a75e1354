// biome-ignore-all lint/suspicious/noTemplateCurlyInString: pipeline files have their own references.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectOf } from '../support/project.ts';
import { repository } from '../support/repository.ts';

/** Shapes of pipelines that are in use, written again: docs/from-snakemake.md names where each comes from. */
describe('pipelines of these shapes run', () => {
  it('a grid with data of two kinds, cross-validation and a selection (Alex-Markham/ncfa_expts)', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: grid
params: {kinds: [gaussian, gp], seeds: [1, 2], lambdas: [0, 1], mus: [0.5, 2]}
axes: {kind: "\${kinds}", seed: "\${seeds}", lambda: "\${lambdas}", mu: "\${mus}"}
stages:
  truth:
    each: [seed]
    command: "echo \${seed} > {outputs.weights}"
    outputs: {weights: csv}
  data:
    each: [kind, seed]
    command: "if [ \${kind} = gp ]; then echo 10; else echo 20; fi | cat - {inputs.weights} > {outputs.data}"
    inputs: {weights: truth.weights}
    outputs: {data: csv}
  validate:
    each: [kind, seed, lambda, mu]
    command: "awk -v lambda=\${lambda} -v mu=\${mu} '{s += $1} END {print (s - 12 - lambda - mu) ^ 2, lambda, mu}' {inputs.data} > {outputs.loss}"
    inputs: {data: data.data}
    outputs: {loss: csv}
  select:
    each: [kind, seed]
    command: "sort -n {inputs.losses} | head -n 1 > {outputs.best}"
    inputs: {losses: "validate.loss[lambda=*, mu=*]"}
    outputs: {best: csv}
  boxplot:
    command: "cat {inputs.best} > {outputs.table}"
    inputs: {best: "select.best[kind=*, seed=*]"}
    outputs: {table: csv}
targets: {boxplot: {files: {boxplot.csv: boxplot.table}}}
`,
    });
    expect(await project.run()).toMatchObject({ code: 0, summary: { executed: 2 + 4 + 16 + 4 + 1 } });
    const rows = project.read('results/boxplot.csv').trimEnd().split('\n');
    expect(rows).toEqual([21, 22, 11, 12].map(bestOfGrid));
    // More of one axis computes that alone, and going back computes nothing.
    const more = await project.run(['--set', 'mus=[0.5, 2, 3]']);
    expect(more.started.filter((node) => node.startsWith('validate/'))).toHaveLength(8);
    expect((await project.run()).started).toEqual([]);
  });

  it('a first file that is supplied or generated, a fan of products, and a check of all (ACCESS-NRI/make_om3_topo)', async () => {
    const project = projectOf({
      'pipeline.yaml': `version: 1
name: topography
params: {from: supplied, resolution: 4}
profiles: {generate: {params: {from: generate.topography}}}
sources: {supplied: {file: topography.txt}, roughness-input: {file: roughness.txt}}
stages:
  generate:
    command: "seq \${resolution} > {outputs.topography}"
    outputs: {topography: file}
  mask:
    command: "grep -c . {inputs.topography} > {outputs.mask}"
    inputs: {topography: "\${from}"}
    outputs: {mask: csv}
  roughness:
    command: "cat {inputs.topography} {inputs.intermediate} > {outputs.roughness}"
    inputs: {topography: "\${from}", intermediate: roughness-input}
    outputs: {roughness: file}
  verify:
    command: "cat {inputs.topography} {inputs.mask} {inputs.roughness} | sha256sum | cut -d' ' -f1 > {outputs.sum}"
    inputs: {topography: "\${from}", mask: mask.mask, roughness: roughness.roughness}
    outputs: {sum: csv}
targets: {verified: {files: {sum.txt: verify.sum}}}
`,
      'topography.txt': 'a\nb\n',
      'roughness.txt': 'r\n',
    });
    const first = await project.run();
    expect(first).toMatchObject({ code: 0, finished: ['mask', 'roughness', 'roughness-input', 'supplied', 'verify'] });
    const generated = await project.run(['--profile', 'generate']);
    expect(generated.started).toEqual(['generate', 'mask', 'roughness', 'verify']);
    // The mask counts lines: other lines give the same bytes, and only the others run again.
    project.write('topography.txt', 'a\nc\n');
    const edited = await project.run();
    expect(edited.started).toEqual(['mask', 'roughness', 'supplied', 'verify']);
    project.write('topography.txt', 'a\nb\n');
    expect((await project.run()).started).toEqual([]);
  });
});

/** What is selected for data with a sum. */
function bestOfGrid(sum: number): string {
  const grid = [0, 1].flatMap((lambda) => [0.5, 2].map((mu) => ({ lambda, mu, loss: (sum - 12 - lambda - mu) ** 2 })));
  const [best] = grid.sort((a, b) => a.loss - b.loss);
  return `${best?.loss} ${best?.lambda} ${best?.mu}`;
}

describe('docs/from-snakemake.md', () => {
  const page = readFileSync(join(repository, 'docs/from-snakemake.md'), 'utf8');
  const block = (start: string) => new RegExp(`^\`\`\`${start}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1] ?? '';

  it('has a pipeline with the result of the Snakefile, and commands that work (AaltoRSE/snakemake-triton-example)', async () => {
    const files = [1, 2, 3].map((id) => [`data/numbers_${id}.txt`, `${id}\n${id + 1}\n${id * id}\n`]);
    const project = projectOf({ 'pipeline.yaml': block('yaml pipeline.yaml'), ...Object.fromEntries(files) });
    const commands = block('sh').trim().split('\n');
    expect(commands).toHaveLength(5);
    for (const command of commands) {
      const [npx, program, ...args] = command.replace(/ +#.*$/, '').split(' ');
      expect([npx, program]).toEqual(['npx', 'vmfdag']);
      expect({ command, ...(await project.execute(args)) }).toMatchObject({ code: 0 });
    }
    await project.run();
    // What Snakemake 9.27 gives for these files.
    expect(project.read('results/variance.txt')).toBe('2.69131\n');
  });
});
