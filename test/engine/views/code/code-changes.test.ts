import { describe, expect, it } from 'vitest';
import type { CodeFingerprint } from '../../../../src/engine/base/digest.ts';
import type { BundleCache, ModuleCode } from '../../../../src/engine/keys/bundle-cache.ts';
import {
  type CodeChanges,
  codeChanges,
  describeCodeChanges,
  unifiedDiff,
} from '../../../../src/engine/views/code/code-changes.ts';
import { declarationsOf } from '../../../../src/engine/views/code/readable-code.ts';
import { codeIn, type Files, installed, stageFiles, temporaryProject } from '../../keys/project.ts';

async function codeOf(files: Files): Promise<ModuleCode> {
  return codeIn(temporaryProject(files));
}

function keeping(...codes: readonly ModuleCode[]): BundleCache {
  const kept = new Map(codes.map((code) => [code.fingerprint, code]));
  return {
    stamp: () => undefined,
    packageFacts: () => undefined,
    code: (fingerprint) => kept.get(fingerprint),
    putPackages: async () => {},
    pythonCode: () => undefined,
    putPythonCode: async () => {},
    put: async () => {},
  };
}

async function compared(changed: Files): Promise<CodeChanges> {
  const [old, now] = [await codeOf(stageFiles), await codeOf({ ...stageFiles, ...changed })];
  expect(old.fingerprint).not.toBe(now.fingerprint);
  return codeChanges(keeping(old, now), old.fingerprint, now.fingerprint);
}

describe('declarationsOf', () => {
  it('takes the code apart, and finds the file of each statement', async () => {
    expect(await declarationsOf(await codeOf(stageFiles))).toEqual([
      { file: 'src/rate.ts', name: 'rate', text: 'function rate() {\n  return 0.1;\n}' },
      { file: 'src/update.ts', name: 'update', text: 'var update = (x) => x * rate();' },
      { file: 'src/step.ts', name: 'step', text: 'function step(x) {\n  return update(x) + 1;\n}' },
      {
        file: 'src/shared.ts',
        name: 'shared',
        text: 'function shared(x) {\n  const doubled = 2 * x;\n  return doubled;\n}',
      },
      {
        file: 'stages/train.ts',
        name: 'train_default',
        text: 'var train_default = { run: (x) => ({ loss: step(x), shared: shared(x) }) };',
      },
    ]);
  });

  it('keeps together what is written over several lines', async () => {
    const files = { ...stageFiles, 'src/rate.ts': 'export function rate() {\n  return `a\n\n  b`.length;\n}\n' };
    const [first] = await declarationsOf(await codeOf(files));
    expect(first).toEqual({
      file: 'src/rate.ts',
      name: 'rate',
      text: 'function rate() {\n  return `a\n\n  b`.length;\n}',
    });
  });
});

describe('codeChanges', () => {
  it('names the file and the declaration, however deep it lies', async () => {
    const changes = await compared({ 'src/rate.ts': 'export function rate() {\n  return 0.2;\n}\n' });
    expect(changes).toMatchObject({
      declarations: [{ file: 'src/rate.ts', name: 'rate', change: 'changed' }],
      packages: [],
    });
    expect(describeCodeChanges(changes)).toBe('src/rate.ts › rate');
    expect(unifiedDiff(changes)).toBe(
      [
        '--- a/src/rate.ts',
        '+++ b/src/rate.ts',
        '@@ -1,3 +1,3 @@',
        ' function rate() {',
        '-  return 0.1;',
        '+  return 0.2;',
        ' }',
      ].join('\n'),
    );
  });

  it('names what is new and what was removed', async () => {
    const changes = await compared({
      'src/step.ts':
        'const half = (x: number) => x / 2;\nexport function step(x: number) {\n  return half(x) + 1;\n}\n',
    });
    expect(describeCodeChanges(changes)).toBe(
      'src/rate.ts › rate (gone); src/step.ts › half (new), step; src/update.ts › update (gone)',
    );
  });

  it('names packages that have another version', async () => {
    const withPackage = (version: string): Files => ({
      ...stageFiles,
      'src/rate.ts': "import { rate as r } from 'rates';\nexport function rate() {\n  return r();\n}\n",
      'node_modules/rates/package.json': installed('rates', version),
    });
    const [old, now] = [await codeOf(withPackage('1.0.0')), await codeOf(withPackage('1.1.0'))];
    const changes = await codeChanges(keeping(old, now), old.fingerprint, now.fingerprint);
    expect(describeCodeChanges(changes)).toBe('package rates 1.0.0 → 1.1.0');
    expect(unifiedDiff(changes)).toBe('');
  });

  it('says so if the earlier code is not in the cache', async () => {
    const now = await codeOf(stageFiles);
    const changes = await codeChanges(keeping(now), '0'.repeat(64) as CodeFingerprint, now.fingerprint);
    expect(describeCodeChanges(changes)).toBe('the earlier code is not in the cache any more');
    expect(unifiedDiff(changes)).toBe('');
  });
});
