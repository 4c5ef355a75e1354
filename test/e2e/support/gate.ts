import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Project, projectOf } from './project.ts';

/** The pipeline `wait/1` … `wait/N`, whose nodes each write their process number to `pid-N`, and wait for the file `gate`. */
export function gateProject(nodes: number): Project {
  return projectOf({
    'pipeline.yaml': `version: 1
name: gate
stages:
  wait:
    run: stages/wait.ts
    each: {number: [${Array.from({ length: nodes }, (_, index) => index + 1).join(', ')}]}
    outputs: {done: json}
    undeclared: ignore
`,
    'stages/wait.ts': `import { existsSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { defineStage, json } from 'vmfdag';

export default defineStage({
  params: v.strictObject({}),
  inputs: {},
  outputs: { done: json<boolean>() },
  async run({ coordinates }) {
    writeFileSync(\`pid-\${coordinates.number}\`, String(process.pid));
    while (!existsSync('gate')) await sleep(5);
    return { done: true };
  },
});
`,
  });
}

/** Waits until a node of such a pipeline runs, and returns in which process. */
export async function processOf(project: Project, node: number): Promise<number> {
  const file = project.path(`pid-${node}`);
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await sleep(5);
  return Number(readFileSync(file, 'utf8'));
}
