import {
  chmodSync,
  copyFileSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import type { Answer } from '../../../src/engine/compute/answer.ts';
import type { Question } from '../../../src/engine/compute/known-answers.ts';
import { temporaryProject } from '../keys/project.ts';

const QUESTION: Question = { provider: 'acme-compute', content: 'a'.repeat(64), request: { backend: 'auto' } };

/** What a new process knows. */
async function knownLater(question: Question, cache: string): Promise<Answer | undefined> {
  vi.resetModules();
  return (await import('../../../src/engine/compute/known-answers.ts')).knownAnswer(question, cache);
}

async function keep(answer: Answer, cache: string, askedMs = Date.now() + 3_600_000): Promise<void> {
  const { keepAnswer } = await import('../../../src/engine/compute/known-answers.ts');
  keepAnswer(QUESTION, answer, cache, askedMs);
}

/** An answer that follows from a file and a folder that are there, and from a file that is not. */
async function keptProject() {
  const root = temporaryProject({ library: 'one', 'drivers/a': 'a' });
  const files = ['library', 'driver', 'drivers'].map((name) => join(root, name));
  const answer: Answer = { kind: 'identified', identity: { backend: 'fast', version: '1', threads: 1 }, files };
  const cache = join(root, 'cache');
  await keep(answer, cache);
  return { root, cache, answer };
}

it('an answer is known as long as the question and all of its files are the same', async () => {
  const { cache, answer } = await keptProject();
  expect(await knownLater(QUESTION, cache)).toEqual(answer);
  expect(await knownLater({ ...QUESTION, content: 'b'.repeat(64) }, cache)).toBeUndefined();
  expect(await knownLater({ ...QUESTION, request: { backend: 'slow' } }, cache)).toBeUndefined();
  expect(await knownLater({ ...QUESTION, provider: 'other' }, cache)).toBeUndefined();
  const { LD_LIBRARY_PATH } = process.env;
  process.env.LD_LIBRARY_PATH = '/elsewhere';
  expect(await knownLater(QUESTION, cache)).toBeUndefined();
  if (LD_LIBRARY_PATH === undefined) delete process.env.LD_LIBRARY_PATH;
  else process.env.LD_LIBRARY_PATH = LD_LIBRARY_PATH;
  expect(await knownLater(QUESTION, cache)).toEqual(answer);
});

it.each<[string, (root: string) => void]>([
  [
    'a file that has other bytes of the same number and time',
    (root) => {
      const { mtime } = { mtime: new Date(1e12) };
      writeFileSync(join(root, 'library'), 'two');
      utimesSync(join(root, 'library'), mtime, mtime);
    },
  ],
  ['a file that was not there', (root) => writeFileSync(join(root, 'driver'), '')],
  ['a file that is gone', (root) => rmSync(join(root, 'library'))],
  [
    'a link in place of a file, to the same bytes',
    (root) => {
      renameSync(join(root, 'library'), join(root, 'elsewhere'));
      symlinkSync('elsewhere', join(root, 'library'));
    },
  ],
  ['one more file in a folder', (root) => writeFileSync(join(root, 'drivers/b'), '')],
  [
    'another file of the same name in a folder',
    (root) => {
      writeFileSync(join(root, 'other'), 'b');
      renameSync(join(root, 'other'), join(root, 'drivers/a'));
    },
  ],
])('%s makes it unknown', async (_, edit) => {
  const { root, cache } = await keptProject();
  edit(root);
  expect(await knownLater(QUESTION, cache)).toBeUndefined();
});

it.each<[string, (root: string) => void]>([
  ['one more hard link', (root) => linkSync(join(root, 'library'), join(root, 'link'))],
  ['another mode', (root) => chmodSync(join(root, 'library'), 0o600)],
  ['another mode of a folder', (root) => chmodSync(join(root, 'drivers'), 0o700)],
  ['another time', (root) => utimesSync(join(root, 'library'), 1e9, 1e9)],
  [
    'a copy in its place',
    (root) => {
      copyFileSync(join(root, 'library'), join(root, 'copy'));
      renameSync(join(root, 'copy'), join(root, 'library'));
    },
  ],
])('%s leaves it known, since the bytes are the same', async (_, edit) => {
  const { root, cache, answer } = await keptProject();
  edit(root);
  expect(await knownLater(QUESTION, cache)).toEqual(answer);
});

it('with other times of the same bytes, an answer is kept with them, once it is certain that they will change at the next write', async () => {
  const { root, cache, answer } = await keptProject();
  const [name] = readdirSync(join(cache, 'compute'));
  const kept = () => JSON.parse(readFileSync(join(cache, 'compute', name as string), 'utf8'));
  const before = kept();
  linkSync(join(root, 'library'), join(root, 'link'));
  // The clock of the file system may not have gone on since.
  await vi.waitFor(async () => {
    expect(await knownLater(QUESTION, cache)).toEqual(answer);
    expect(kept().stamp).not.toBe(before.stamp);
  });
  expect(kept()).toEqual({ ...before, stamp: kept().stamp });
});

it('a damaged file is no answer', async () => {
  const { cache } = await keptProject();
  const [name] = readdirSync(join(cache, 'compute'));
  const file = join(cache, 'compute', name as string);
  const text = readFileSync(file, 'utf8');
  for (const damaged of [text.replace('"fast"', '"slow"'), text.slice(0, 40), '', '[]', 'null']) {
    writeFileSync(file, damaged);
    expect(await knownLater(QUESTION, cache)).toBeUndefined();
  }
});

it('an answer from a file that was written since the question is not kept for others', async () => {
  const { cache, answer } = await keptProject();
  rmSync(cache, { recursive: true });
  await keep(answer, cache, Date.now() - 60_000);
  expect(await knownLater(QUESTION, cache)).toBeUndefined();
});

it('a refusal is known to its process only', async () => {
  const cache = temporaryProject({});
  await keep({ kind: 'refused', failure: 'usage', problems: [{ fact: 'no' }] }, cache);
  const { knownAnswer } = await import('../../../src/engine/compute/known-answers.ts');
  expect(knownAnswer(QUESTION, cache)).toMatchObject({ kind: 'refused' });
  expect(await knownLater(QUESTION, cache)).toBeUndefined();
});
