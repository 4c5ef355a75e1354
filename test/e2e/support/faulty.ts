import { type Project, projectOf } from './project.ts';

/**
 * `good/1` → `faulty` → `below`, and `good/2` → `second`. What `faulty` does wrong is its param `kind`; `limits` are lines of
 * its declaration, such as a timeout.
 */
export function faultyProject(limits = ''): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: faulty
params: {kind: fine, level: 3}
stages:
  good:
    run: stages/good.ts
    each: {number: [1, 2]}
    outputs: {value: json}
  faulty:
    run: stages/faulty.ts
    undeclared: ignore
    params: {kind: "\${kind}", level: "\${level}"}
    inputs: {value: "good.value[number=1]"}
    outputs: {value: json}
${limits}
  below:
    run: stages/below.ts
    inputs: {value: faulty.value}
    outputs: {value: json}
  second:
    run: stages/below.ts
    inputs: {value: "good.value[number=2]"}
    outputs: {value: json}
`,
    'stages/good.ts': `import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { value: json<number>() },
  run: ({ coordinates }) => ({ value: Number(coordinates.number) }),
});
`,
    'stages/below.ts': `import * as v from 'valibot';
import { defineStage, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: { value: one(json<number>()) },
  outputs: { value: json<number>() },
  run: ({ inputs }) => ({ value: inputs.value + 1 }),
});
`,
    'stages/faulty.ts': `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, Failure, json, one } from 'vmfdag';

export default defineStage({
  params: v.strictObject({ kind: v.string(), level: v.pipe(v.number(), v.maxValue(9)) }),
  inputs: { value: one(json<number>()) },
  outputs: { value: json<unknown>() },
  async run({ params, inputs, log }) {
    log('logged');
    console.log('printed');
    switch (params.kind) {
      case 'throws':
        throw new TypeError('this went wrong');
      case 'explains':
        throw new Failure('stage', { fact: 'the weights are not finite', fix: 'lower the learning rate' });
      case 'aborts':
        process.abort();
        break;
      case 'exits':
        process.exit(7);
        break;
      case 'hangs':
        await sleep(60_000);
        break;
      case 'spins':
        for (;;);
      case 'NaN':
        return { value: { loss: [1, Number.NaN] } };
      case 'nothing':
        return {} as never;
      case 'more':
        return { value: 1, other: 2 } as never;
      case 'once':
        if (!existsSync('tried')) {
          writeFileSync('tried', '');
          throw new Error('not the first time');
        }
    }
    return { value: inputs.value * 10 };
  },
});
`,
  });
}
