import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, statSync } from 'node:fs';
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Remote, type RemoteName, RemoteProblem, type UploadBody } from './remote.ts';

/** A folder that several machines see, for example on NFS. Files come and go by rename alone, which needs no locks. */
export function folderRemote(folder: string): Remote {
  const pathOf = (name: RemoteName) => join(folder, name);
  const known = new Set<string>();
  const makeParent = async (path: string) => {
    const parent = dirname(path);
    if (known.has(parent)) return;
    await mkdir(parent, { recursive: true });
    known.add(parent);
  };
  return {
    description: folder,
    mayCompress: true,

    get: (name) => unlessMissing(() => readFile(pathOf(name))),

    async download(name, file) {
      const start = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
      const copied = await unlessMissing(async () => {
        await pipeline(createReadStream(pathOf(name), { start }), createWriteStream(file, { flags: 'a' }));
        return true;
      });
      return copied ?? false;
    },

    has: async (name) => (await unlessMissing(() => access(pathOf(name)).then(() => true))) ?? false,

    async put(name, body: UploadBody) {
      const path = pathOf(name);
      const part = join(folder, 'parts', randomUUID());
      try {
        await makeParent(part);
        await makeParent(path);
        if (body instanceof Uint8Array) await writeFile(part, body, { flag: 'wx' });
        else await pipeline(body.read(), createWriteStream(part, { flags: 'wx' }));
        await rename(part, path);
      } catch (error) {
        await rm(part, { force: true }).catch(() => {});
        throw problemOf(error);
      }
    },

    close: () => {},
  };
}

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw problemOf(error);
  }
}

function problemOf(error: unknown): RemoteProblem {
  const { code, message } = error as NodeJS.ErrnoException;
  const isLasting = code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR';
  return new RemoteProblem(isLasting ? 'refused' : 'passing', message);
}
