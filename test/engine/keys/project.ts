import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CodeFingerprint } from '../../../src/engine/base/digest.ts';
import type {
  BundleCache,
  BundleEntry,
  BundleStamp,
  ModuleCode,
  StageCode,
} from '../../../src/engine/keys/bundle-cache.ts';
import type { StageModule } from '../../../src/engine/keys/bundle-stage.ts';
import type { PackageFacts } from '../../../src/engine/keys/package-content.ts';
import type { KeptPythonCode } from '../../../src/engine/keys/python/python-code.ts';
import { CodeStates, stageFingerprint } from '../../../src/engine/keys/stage-fingerprint.ts';

export type Files = Readonly<Record<string, string>>;

/** A folder that lasts as long as the test. */
export function temporaryProject(files: Files): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'vmfdag-keys-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  writeFiles(root, files);
  return root;
}

export function writeFiles(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** A package as an installer would leave it. */
export function installed(name: string, version: string, dependencies: Readonly<Record<string, string>> = {}): string {
  return JSON.stringify({ name, version, main: 'index.js', dependencies });
}

export const stageModule: StageModule = {
  path: 'stages/train.ts',
  exportName: 'default',
  range: { file: 'pipeline.yaml', line: 9, column: 10, length: 15, lineText: '    run: stages/train.ts' },
};

/** A stage with a helper, a helper's helper and a helper's helper's helper, and a module that shares it with others. */
export const stageFiles: Files = {
  'stages/train.ts': [
    "import { step } from '../src/step.ts';",
    "import { shared } from '../src/shared.ts';",
    'export default { run: (x: number) => ({ loss: step(x), shared: shared(x) }) };',
    '',
  ].join('\n'),
  'src/step.ts':
    "import { update } from './update.ts';\nexport function step(x: number) {\n  return update(x) + 1;\n}\n",
  'src/update.ts': "import { rate } from './rate.ts';\nexport const update = (x: number) => x * rate();\n",
  'src/rate.ts': 'export function rate() {\n  return 0.1;\n}\n',
  'src/shared.ts': 'export function shared(x: number) {\n  const doubled = 2 * x;\n  return doubled;\n}\n',
};

export async function fingerprintOf(files: Files, module: StageModule = stageModule): Promise<string> {
  return (await codeIn(temporaryProject(files), module)).fingerprint;
}

/** The code of a stage, as it is with nothing in the cache. */
export async function codeIn(root: string, module: StageModule = stageModule): Promise<ModuleCode> {
  const cache = new MemoryBundleCache();
  return cache.code(await stageFingerprint(module, new CodeStates(root, cache))) as ModuleCode;
}

/** A cache that counts what is put into it. */
export class MemoryBundleCache implements BundleCache {
  puts = 0;
  readonly stamps = new Map<string, BundleStamp & { fingerprint: CodeFingerprint }>();
  readonly packages = new Map<string, PackageFacts>();
  readonly python = new Map<string, KeptPythonCode>();
  pythonPuts = 0;
  private readonly kept = new Map<CodeFingerprint, StageCode>();

  stamp(name: string) {
    return this.stamps.get(name);
  }

  packageFacts(directory: string) {
    return this.packages.get(directory);
  }

  code(fingerprint: CodeFingerprint) {
    return this.kept.get(fingerprint);
  }

  pythonCode(name: string) {
    return this.python.get(name);
  }

  async putPythonCode(name: string, kept: KeptPythonCode) {
    this.pythonPuts++;
    this.python.set(name, kept);
  }

  async putPackages(packages: ReadonlyMap<string, PackageFacts>) {
    for (const [directory, facts] of packages) this.packages.set(directory, facts);
  }

  async put({ code, stamp, packages }: BundleEntry) {
    this.puts++;
    this.kept.set(code.fingerprint, code);
    for (const [directory, facts] of packages) this.packages.set(directory, facts);
    if (stamp) this.stamps.set(stamp.name, { ...stamp, fingerprint: code.fingerprint });
  }
}
