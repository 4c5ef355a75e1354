import { describe, expect, it } from 'vitest';
import { pythonWith } from '../../python/python.ts';
import { temporaryFolder } from '../support/folders.ts';
import { projectOf } from '../support/project.ts';
import { MIXED } from '../support/units.ts';

const ENGINES = { processes: [], parsl: ['parsl'], ray: ['ray'], dask: ['distributed'] } as const;

function futuresProject(python: string, engine: string, files: Readonly<Record<string, string>> = MIXED) {
  const declared = `executors: {there: {futures: "vmfdag.executors:${engine}", python: [${JSON.stringify(python)}], slots: 2}}`;
  return projectOf({
    ...files,
    'pipeline.yaml': (files['pipeline.yaml'] ?? '').replace(/^(name: .*)$/m, `$1\n${declared}`),
  });
}

describe.each(Object.entries(ENGINES))('units of %s', (engine, modules) => {
  const found = pythonWith(...modules);

  it('give the digests of a local run', async ({ skip }) => {
    if ('reason' in found) return skip(found.reason);
    const project = futuresProject(found.python, engine);
    const local = ['--cache', project.path('local')];
    expect((await project.run(local)).code).toBe(0);
    const env = { XDG_CACHE_HOME: temporaryFolder() };
    const run = await project.run(['--executor', 'there'], { env });
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { failed: 0 } });
    expect(run.events.filter(({ type }) => type === 'warning' || type === 'refused')).toEqual([]);
    expect(await project.digests()).toEqual(await project.digests(local));
  });
});
