import { linkPackages } from './folders.ts';
import { type Project, projectOf } from './project.ts';

/**
 * `throw/RATE/SEED` (12 nodes) → `table` → `plot`. Of the nodes, `throw/0.4/2` fails, `throw/0.1/2` fails the first time, and the worker of
 * `throw/0.2/1` is killed the first time. `throw/0.4/1` and `throw/0.4/3` wait for the file `gate`.
 */
export function marblesProject(): Project {
  const project = projectOf({
    'pipeline.yaml': `version: 1
name: marbles
description: Marbles roll down a hill
params: {rates: [0.1, 0.2, 0.4], seeds: [1, 2, 3, 4], fails: true}
stages:
  throw:
    run: stages/throw.ts
    each: {rate: "\${rates}", seed: "\${seeds}"}
    params: {fails: "\${fails}", hill: {height: 3, shape: parabola}}
    outputs: {path: safetensors, ends: json}
    retries: 1
    undeclared: ignore
  table:
    run: stages/table.ts
    inputs: {ends: "throw.ends[rate=*, seed=*]"}
    outputs: {rows: arrow, text: markdown}
  plot:
    run: stages/plot.ts
    inputs: {rows: table.rows}
    outputs: {figure: svg}
targets:
  figure: {files: {marbles.svg: plot.figure}}
  numbers: {files: {marbles.arrow: table.rows, marbles.md: table.text}}
`,
    'stages/throw.ts': `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, Failure, json, safetensors } from 'vmfdag';

const isFirst = (name: string) => {
  if (existsSync(name)) return false;
  writeFileSync(name, '');
  return true;
};

export default defineStage({
  params: v.strictObject({ fails: v.boolean(), hill: v.strictObject({ height: v.number(), shape: v.string() }) }),
  inputs: {},
  outputs: { path: safetensors, ends: json<{ place: number; speed: number }>() },
  async run({ coordinates, params, log, metric, progress }) {
    const rate = Number(coordinates.rate);
    const seed = Number(coordinates.seed);
    const path = new Float32Array(200);
    for (let step = 0; step < path.length; step++) {
      path[step] = params.hill.height * Math.exp(-rate * step / 10) + 0.02 * Math.sin(step * seed);
      metric('height', path[step], step);
      metric('speed', rate * path[step], step);
      if (step % 10 === 0) {
        log('step ' + step + ' height ' + path[step].toFixed(4));
        progress(step / path.length);
        await sleep(20);
      }
    }
    if (rate === 0.1 && seed === 2 && isFirst('fell')) throw new Error('the marble fell off the hill');
    if (rate === 0.2 && seed === 1 && isFirst('killed')) process.kill(process.pid, 'SIGKILL');
    if (params.fails && rate === 0.4 && seed === 2) {
      throw new Failure('stage', { fact: 'the hill is too steep at rate 0.4', fix: 'a rate below 0.4' });
    }
    while (rate === 0.4 && seed % 2 === 1 && !existsSync('gate')) await sleep(10);
    return {
      path: { path: { shape: [path.length], data: path } },
      ends: { place: path[199], speed: rate * path[199] },
    };
  },
});
`,
    'stages/table.ts': `import { table } from 'arquero';
import * as v from 'valibot';
import { arrow, defineStage, json, many, markdown } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { ends: many(json<{ place: number; speed: number }>()) },
  outputs: { rows: arrow, text: markdown },
  run({ inputs }) {
    const ends = inputs.ends.map(({ value, coordinates }) => ({ ...coordinates, ...value }));
    return {
      rows: table({
        rate: ends.map((end) => Number(end.rate)),
        seed: ends.map((end) => Number(end.seed)),
        place: ends.map(({ place }) => place),
      }),
      text: '| rate | place |\\n|---:|---:|\\n' + ends.map((end) => '| ' + end.rate + ' | ' + end.place + ' |').join('\\n') + '\\n',
    };
  },
});
`,
    'stages/plot.ts': `import * as v from 'valibot';
import { arrow, defineStage, one, svg } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { rows: one(arrow) },
  outputs: { figure: svg },
  run({ inputs }) {
    const points = inputs.rows.objects() as { rate: number; place: number }[];
    const marks = points.map(({ rate, place }) => '<circle cx="' + (40 + rate * 600) + '" cy="' + (180 - place * 60) + '" r="4" fill="#0072b2"/>');
    return {
      figure: '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="220" font-family="sans-serif" font-size="12"><rect width="320" height="220" fill="#fff"/>' +
        '<path d="M40 20V190H300" fill="none" stroke="#333"/><text x="150" y="212">rate</text>' + marks.join('') + '</svg>',
    };
  },
});
`,
  });
  linkPackages(project.directory, ['arquero']);
  return project;
}
