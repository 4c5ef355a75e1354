import { existsSync, rmSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { type Project, projectOf } from './support/project.ts';

const OPTIONAL = ['webgpu', '@tensorflow/tfjs-backend-webgpu', '@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'];

let project: Project;

beforeAll(() => {
  project = projectOf({
    'pipeline.yaml': `version: 1
name: t
params: {compute: {backend: webgpu, threads: 1}}
stages: {a: {run: stages/a.ts, compute: true, outputs: {out: json}}}
targets: {t: {files: {out.json: a.out}}}
`,
    'stages/a.ts': `import { defineStage, json } from 'vmfdag';
import * as v from 'valibot';
import { writeFileSync } from 'node:fs';

writeFileSync('executed', 'stage');
export default defineStage({ params: v.any(), inputs: {}, outputs: { out: json<string>() }, run: ({ compute }) => ({ out: compute.version }) });
`,
  });
  rmSync(project.path('node_modules/@tensorflow'), { recursive: true });
  for (const name of ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm', ...OPTIONAL]) {
    project.write(
      `node_modules/${name}/package.json`,
      JSON.stringify({ name, version: '4.22.0', type: 'module', main: 'index.js' }),
    );
    project.write(
      `node_modules/${name}/index.js`,
      `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(project.path('executed'))}, ${JSON.stringify(name)});
export const create = () => ({ requestAdapter: async () => ({ info: { vendor: 'acme', device: 'Anvil 9' } }) });
`,
    );
  }
});

const LOOKING = [
  ['status'],
  ['status', '--set', 'compute.backend=auto'],
  ['graph'],
  ['graph', '--states'],
  ['doctor'],
  ['backends'],
  ['explain', 'a'],
  ['run', '--dry-run'],
  ['run', '--dry-run', '--force', 'a'],
  ['history'],
  ['cache', 'ls'],
  ['complete', '--shell', 'bash', '--', 'explain', ''],
  ['report', '--output', 'page.html'],
];

async function look(): Promise<string> {
  let said = '';
  for (const args of LOOKING) {
    const { stdout, stderr } = await project.execute(args);
    said += stdout + stderr;
    expect({ args, executed: existsSync(project.path('executed')) }).toEqual({ args, executed: false });
  }
  return said;
}

it('commands that run nothing execute nothing of the project, before the first run and after', async () => {
  expect(await look()).toContain('GPU unknown until the first run');

  expect((await project.run()).code).toBe(0);
  expect(project.read('results/out.json')).toContain('acme Anvil 9');
  expect(existsSync(project.path('executed'))).toBe(true);
  rmSync(project.path('executed'));

  const said = await look();
  expect(said).toContain('acme Anvil 9');
  expect(said).not.toContain('GPU unknown');
  expect((await project.json<readonly { state: string }[]>(['status']))[0]).toMatchObject({ state: 'current' });
});
