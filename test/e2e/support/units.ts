import { join } from 'node:path';
import { temporaryFolder } from './folders.ts';
import { type Project, projectOf } from './project.ts';
import { vmfdag } from './repository.ts';

/** The line of an executor whose units are other processes of this machine, with a cache of their own. */
export function unitLine(folder: string, more: readonly string[] = []): readonly string[] {
  return [process.execPath, vmfdag, 'unit', '-', '--cache', join(folder, 'units'), ...more];
}

/** Declares the executor `there` in a pipeline file. */
export function withExecutor(
  pipeline: string,
  exec: readonly string[] = unitLine(temporaryFolder()),
  more = 'slots: 2',
): string {
  return pipeline.replace(/^(name: .*)$/m, `$1\nexecutors: {there: {exec: ${JSON.stringify(exec)}, ${more}}}`);
}

const VALUES = `import * as v from 'valibot';
import { defineStage, directory, json, many, one } from 'vmfdag';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const start = defineStage({
  params: v.object({ first: v.number() }), inputs: {}, outputs: { value: json<number>() },
  run: ({ params, coordinates }) => ({ value: params.first * Number(coordinates.seed) }),
});
export const step = defineStage({
  params: v.object({}), inputs: { value: one(json<number>()) }, outputs: { value: json<number>() },
  run(context) {
    context.metric('value', context.inputs.value, Number(context.coordinates.epoch));
    context.log(\`epoch \${context.coordinates.epoch}\`);
    return { value: context.inputs.value + 1 };
  },
});
export const pages = defineStage({
  params: v.object({}), inputs: { value: one(json<number>()) }, outputs: { book: directory, large: json() },
  run(context) {
    const book = join(context.scratch, 'book');
    mkdirSync(join(book, 'deep'), { recursive: true });
    writeFileSync(join(book, 'one.txt'), String(context.inputs.value));
    writeFileSync(join(book, 'deep/same.txt'), 'same');
    writeFileSync(join(book, 'large.bin'), new Uint8Array(6_000_000).fill(context.inputs.value));
    return { book, large: 'x'.repeat(5_000_000) };
  },
});
export const gather = defineStage({
  params: v.object({}), inputs: { values: many(json<number>()) }, outputs: { sum: json<number>() },
  run: ({ inputs }) => ({ sum: inputs.values.reduce((sum, { value }) => sum + value, 0) }),
});
`;

/** Modules, commands, files, directories above and below 4 MiB, chains and gathered inputs. */
export const MIXED = {
  'pipeline.yaml': `version: 1
name: mixed
params: {seeds: [1, 2], first: 5}
sources:
  words: {file: words.txt}
stages:
  start: {run: "stages/values.ts#start", each: {seed: "\${seeds}"}, params: {first: "\${first}"}, outputs: {value: json}}
  step:
    run: stages/values.ts#step
    each: {seed: "\${seeds}"}
    scan: {epoch: {from: 1, to: 4}, carry: {value: start.value}}
    outputs: {value: json}
  pages:
    run: stages/values.ts#pages
    each: {seed: "\${seeds}"}
    inputs: {value: "step.value[seed=\${seed}, epoch=4]"}
    outputs: {book: directory, large: json}
  count:
    command: ["sh", count.sh, "{inputs.book}", "{inputs.words}", "{outputs.lines}", "{outputs.copy}"]
    code: [count.sh]
    each: {seed: "\${seeds}"}
    inputs: {book: "pages.book[seed=\${seed}]", words: words}
    outputs: {lines: csv, copy: directory}
  gather: {run: "stages/values.ts#gather", inputs: {values: "step.value[seed=*, epoch=4]"}, outputs: {sum: json}}
`,
  'stages/values.ts': VALUES,
  'count.sh': `set -e
cat "$2" "$1/deep/same.txt" "$1/one.txt" | wc -c > "$3"
cp -r "$1" "$4"
`,
  'words.txt': 'some words\n',
} as const;

/** The pipeline with an executor `there`. */
export function mixedProject(exec?: readonly string[]): Project {
  return projectOf({ ...MIXED, 'pipeline.yaml': withExecutor(MIXED['pipeline.yaml'], exec) });
}
