import { existsSync, rmSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { computeProvider } from '../support/compute-provider.ts';
import { type Project, projectOf } from '../support/project.ts';

let project: Project;

beforeAll(() => {
  project = projectOf({
    'pipeline.yaml': `version: 1
name: t
compute: {provider: acme-compute, request: {speed: 2}}
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
  const provider = computeProvider(
    `import { writeFileSync } from 'node:fs';
writeFileSync(${JSON.stringify(project.path('executed'))}, 'provider');
export const identify = ({ speed }) => ({
  kind: 'identified', identity: { backend: 'acme', version: 'Anvil ' + speed, threads: 1 }, files: [],
});
export const listBackends = () => [{ name: 'acme', kind: 'available', version: 'Anvil', maximumThreads: 1 }];
`,
  );
  for (const [path, text] of Object.entries(provider)) project.write(path, text);
});

const LOOKING = [
  ['status'],
  ['graph'],
  ['graph', '--states'],
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
  await look();

  expect((await project.run()).code).toBe(0);
  expect(project.read('results/out.json')).toContain('Anvil 2');
  expect(existsSync(project.path('executed'))).toBe(true);
  rmSync(project.path('executed'));

  expect(await look()).toContain('Anvil 2');
  expect((await project.json<readonly { state: string }[]>(['status']))[0]).toMatchObject({ state: 'current' });
  expect((await project.run()).summary).toMatchObject({ executed: 0, upToDate: 1 });
  expect(existsSync(project.path('executed'))).toBe(false);

  // A provider that has changed may answer otherwise; until a run has asked it, nobody knows.
  project.edit('node_modules/acme-compute/provider.js', "'Anvil ' + speed", "'Anvil ' + (speed + 1)");
  expect(await look()).toContain('unknown until a run asks it');
  expect((await project.run()).summary).toMatchObject({ executed: 1 });
  expect(project.read('results/out.json')).toContain('Anvil 3');
});

it('backends and doctor ask the provider', async () => {
  rmSync(project.path('executed'), { force: true });
  expect((await project.execute(['backends'])).stdout).toContain('Anvil');
  expect(existsSync(project.path('executed'))).toBe(true);
  expect((await project.execute(['doctor'])).stdout).toContain('✓ backend acme: Anvil');
});

it('a provider that is not installed fails the run by name', async () => {
  const { code, stderr } = await project.execute(['run', '--file', 'other.yaml']);
  expect(code).toBe(2);
  expect(stderr).toContain('other.yaml');
  project.write('other.yaml', project.read('pipeline.yaml').replace('acme-compute', 'emca-compute'));
  const missing = await project.execute(['run', '--file', 'other.yaml']);
  expect(missing.code).toBe(1);
  expect(missing.stderr).toBe(
    'the compute provider emca-compute is not installed, or the package is none\n  fix: npm install emca-compute\n',
  );
});
