import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { computedImportCheck } from '../../../../src/engine/workers/worker/computed-import.ts';
import { temporaryProject } from '../../keys/project.ts';

const root = () =>
  temporaryProject({ 'models/a.ts': '', 'node_modules/known/index.js': '', 'project/stages/x.ts': '' });
const packages = { imported: { known: 0 }, packages: [{ name: 'known', version: '1', content: '', dependencies: {} }] };

function check(
  folder: string,
  specifier: unknown,
  compute: { backend: string; version: string; threads: number } | null = null,
) {
  const file = join(folder, 'node_modules/.cache/vmfdag/0/stage.mjs');
  return () => computedImportCheck({ stage: 'train', compute, root: folder, file, packages })(specifier);
}

describe('imports by a computed name', () => {
  it('are refused where they lead into the project', () => {
    const folder = root();
    symlinkSync('models', join(folder, 'link'));
    const leads = ['/models/a.ts', '/link/a.ts', '/models/absent.ts'].map((path) => folder + path);
    for (const path of [...leads, pathToFileURL(join(folder, 'models/a.ts')).href, '../../../../models/a.ts']) {
      expect(check(folder, path), path).toThrow('by a computed name, so that it is in no key');
    }
  });

  it('are refused where they lead to a package that the key does not know', () => {
    expect(check(root(), 'other/deep.js')).toThrow('stage train imports other/deep.js by a computed name');
    expect(check(root(), '@scope/other')).toThrow('@scope/other');
  });

  it('may lead to packages that the stage reaches anyway, to those of a backend, to Node and out of the project', () => {
    const folder = root();
    const compute = { backend: 'webgpu', version: '1', threads: 1 };
    expect(check(folder, 'known')).not.toThrow();
    expect(check(folder, 'known/deep.js')).not.toThrow();
    expect(check(folder, 'other', compute)).not.toThrow();
    for (const specifier of ['node:fs', 'path', `${folder}/node_modules/known/index.js`, '/usr/share/x.mjs']) {
      expect(check(folder, specifier), specifier).not.toThrow();
    }
  });
});
