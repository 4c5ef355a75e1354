import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes } from '../../../../../src/engine/base/digest.ts';
import type { Store } from '../../../../../src/engine/store/store.ts';
import { preview } from '../../../../../src/engine/views/live/previews/preview.ts';

/** A store that has one artefact, and notes which bytes were read. */
function holding(bytes: Uint8Array, size = bytes.length) {
  const digest = digestBytes<ArtefactDigest>(bytes);
  const read: number[] = [];
  const store = {
    hasArtefact: (each: string) => each === digest,
    artefactBytes: () => size,
    files: {
      isDirectory: () => false,
      part: async (_: string, offset: number, length: number) => {
        read.push(length);
        return bytes.slice(offset, offset + length);
      },
    },
  } as unknown as Store;
  const of = (type: string, offset = 0, limit = 65_536) =>
    preview({ digest, type, path: undefined, offset, limit }, store);
  return { digest, store, of, read };
}

const text = (content: string) => holding(new TextEncoder().encode(content));

describe('a preview', () => {
  it('of text comes in parts of whole characters', async () => {
    const content = 'aé€😀'.repeat(50);
    const { of } = text(content);
    let together = '';
    for (let offset: number | null = 0; offset !== null; ) {
      const part = await of('file', offset, 7);
      if (part.kind !== 'text') throw new Error(part.kind);
      together += part.text;
      offset = part.next;
    }
    expect(together).toBe(content);
  });

  it('of JSON is laid out; JSON that is none is said to be none', async () => {
    expect(await text('{"b":[1,2],"a":null}').of('json')).toMatchObject({
      kind: 'json',
      text: '{\n  "b": [\n    1,\n    2\n  ],\n  "a": null\n}',
      next: null,
    });
    expect(await text('{"b":').of('json')).toMatchObject({ kind: 'unreadable' });
  });

  it('of CSV has rows and columns, as text', async () => {
    const { of } = text(`n,name\n${Array.from({ length: 300 }, (_, index) => `${index},"a, ${index}"`).join('\n')}\n`);
    expect(await of('csv', 298, 100)).toMatchObject({
      kind: 'table',
      rows: 300,
      offset: 298,
      values: [
        ['298', '299'],
        ['a, 298', 'a, 299'],
      ],
    });
  });

  it('of a figure is an address, by what the bytes are', async () => {
    expect(await text('<svg xmlns="http://www.w3.org/2000/svg"/>').of('svg')).toMatchObject({ kind: 'image' });
    expect(await text('<?xml version="1.0"?>\n<svg/>').of('file')).toMatchObject({ kind: 'image' });
    expect(await text('<html><svg/></html>').of('file')).toMatchObject({ kind: 'text' });
    expect(await holding(Uint8Array.from([0, 1, 2, 255])).of('file')).toMatchObject({
      kind: 'bytes',
      head: '000102ff',
    });
  });

  it('of Markdown is a document with an address', async () => {
    const { digest, of } = text('# title');
    expect(await of('markdown')).toMatchObject({
      kind: 'document',
      address: `/api/raw?digest=${digest}&type=markdown`,
    });
  });

  it.each(['svg', 'png', 'json', 'csv', 'arrow', 'safetensors', 'markdown', 'file', 'bytes'])(
    'of a terabyte of %s reads a bounded part',
    async (type) => {
      const { of, read } = holding(new TextEncoder().encode('{"a":1}\n'.repeat(100)), 2 ** 40);
      const shown = await of(type);
      expect(['too large', 'text', 'table', 'unreadable', 'image']).toContain(shown.kind);
      expect(Math.max(0, ...read)).toBeLessThanOrEqual(64 * 1024 * 1024);
      expect(JSON.stringify(shown).length).toBeLessThan(1024 * 1024);
    },
  );

  it('of bytes that are not here says so', async () => {
    const { store } = text('x');
    const other = digestBytes<ArtefactDigest>('other');
    expect(await preview({ digest: other, type: 'json', path: undefined, offset: 0, limit: 1 }, store)).toEqual({
      digest: other,
      type: 'json',
      bytes: null,
      kind: 'missing',
    });
  });

  it.each(['arrow', 'safetensors', 'json', 'csv', 'markdown', 'svg', 'file'])(
    'of bytes that are no %s is no error',
    async (type) => {
      for (const bytes of [
        new Uint8Array(0),
        Uint8Array.from([0xff, 0xfe, 0, 1]),
        new TextEncoder().encode('<script>'),
      ]) {
        expect((await holding(bytes).of(type)).kind).toMatch(/\w/);
      }
    },
  );
});
