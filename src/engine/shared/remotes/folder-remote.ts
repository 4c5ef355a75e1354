import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { access, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Remote, type RemoteName, RemoteProblem, type UploadBody } from './remote.ts';

const CHUNK_BYTES = 1024 * 1024;

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

    read: (name, from) =>
      unlessMissing(async () => {
        // Opened now, so that a missing file is known before the first byte.
        const handle = await open(pathOf(name), 'r');
        return chunksOf(handle.createReadStream({ start: from, highWaterMark: CHUNK_BYTES }));
      }),

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

async function* chunksOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* stream;
  } catch (error) {
    throw problemOf(error);
  }
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
