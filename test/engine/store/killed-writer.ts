// Another process that stores a file and a directory, evicts them, and kills itself at a moment: before its nth change of a file.
// argv: the cache folder, the folder with `file` and `directory`, n
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import type { TakenArtefact } from '../../../src/engine/store/artefact-files.ts';
import { openStore } from '../../../src/engine/store/lmdb/lmdb-store.ts';
import { recordOf } from './commits.ts';

const [cache = '', made = '', last = ''] = process.argv.slice(2);

const store = openStore(cache);
let changes = 0;
for (const owner of [fs, fs.promises] as unknown as Record<string, (...parameters: unknown[]) => unknown>[]) {
  for (const name of ['renameSync', 'rename', 'fsyncSync', 'mkdirSync', 'rmSync', 'copyFile']) {
    const original = owner[name];
    if (!original) continue;
    owner[name] = (...parameters) => {
      if (++changes === Number(last)) process.kill(process.pid, 'SIGKILL');
      return original(...parameters);
    };
  }
}
syncBuiltinESMExports();

async function keep(node: string, type: 'file' | 'directory'): Promise<TakenArtefact> {
  const taken = await store.files.take(join(made, type), type, false);
  const { digest, bytes } = taken;
  const record = recordOf(node, { outputs: { out: { type: 'bytes', digest, bytes } } });
  await store.commit({ record, artefacts: new Map([[digest, taken]]) });
  return taken;
}

const kept = [await keep('file', 'file'), await keep('directory', 'directory')];
await store.dropArtefacts(kept.map(({ digest }) => digest));
await store.close();
