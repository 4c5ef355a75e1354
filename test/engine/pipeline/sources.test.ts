import { describe, expect, it } from 'vitest';
import { plan } from '../plan/plans.ts';
import { load, messageOf } from './pipelines.ts';

const SHA256 = 'ab'.repeat(32);

const SECTIONS = `
params: {data: {directory: data, which: corpus}}
sources:
  image: {description: one, file: "\${data.directory}/image.bin"}
  corpus: {files: "data/**/*.csv"}
  several: {files: ["\${data.directory}/*.csv", "!data/draft.csv"]}
  weights: {url: "https://example.org/a b.bin", sha256: ${SHA256.toUpperCase()}}
stages:
  read: {run: a.ts, each: {seed: [1, 2]}, inputs: {image: image, corpus: "\${data.which}", weights: weights.file}, outputs: {o: json}}
  train: {run: b.ts, scan: {epoch: {to: 2}, carry: {state: weights}}, outputs: {state: file}}
`;

describe('sources', () => {
  it('are stages without code, before the others', () => {
    const { stages, defaultTargets } = load(SECTIONS);
    expect([...stages.keys()]).toEqual(['image', 'corpus', 'several', 'weights', 'read', 'train']);
    expect(
      [...stages.values()].map(({ program }) =>
        'content' in program ? program.content : program.kind === 'module' && program.path,
      ),
    ).toEqual([
      { kind: 'file', path: 'data/image.bin' },
      { kind: 'files', globs: ['data/**/*.csv'] },
      { kind: 'files', globs: ['data/*.csv', '!data/draft.csv'] },
      { kind: 'url', url: 'https://example.org/a%20b.bin', sha256: SHA256 },
      'a.ts',
      'b.ts',
    ]);
    expect(stages.get('corpus')?.outputs).toEqual({ directory: 'directory' });
    expect(stages.get('image')).toMatchObject({ description: 'one', outputs: { file: 'file' } });
    expect(defaultTargets.map(({ text }) => text)).toEqual(['read', 'train']);
  });

  it('are read by their names, by the text of a param, by their output, and where a chain starts', () => {
    const { nodes } = plan(SECTIONS);
    expect(nodes.map(({ id }) => id)).toEqual(['image', 'corpus', 'weights', 'read/1', 'read/2', 'train/1', 'train/2']);
    expect(nodes.slice(3, 6).map(({ inputs }) => inputs)).toEqual([
      [0, 1, 2].map((node, index) => ({
        kind: 'one',
        name: ['image', 'corpus', 'weights'][index],
        source: { node, output: ['file', 'directory', 'file'][index] },
      })),
      expect.anything(),
      [{ kind: 'one', name: 'state', source: { node: 2, output: 'file' } }],
    ]);
  });
});

describe('messages about sources', () => {
  const message = (source: string, stage = 'run: a.ts, outputs: {o: json}') =>
    messageOf(() => plan(`sources:\n  data: ${source}\nstages:\n  read: {${stage}}\n`));

  it.each([
    ['{}', /^\npipeline\.yaml:4:9 a source is one file, some files, or an address with its sha256/],
    ['{file: a, files: b}', /pipeline\.yaml:4:9 a source is one file/],
    ['{url: "https://x/y"}', /a source is one file.*with its sha256/],
    ['{file: a, sha256: b}', /a source is one file/],
    ['{file: a, path: b}', /pipeline\.yaml:4:19 unknown key "path"/],
    ['{file: ""}', /pipeline\.yaml:4:16 this is /],
    ['{files: []}', /no glob says which files to take/],
    ['{files: ["!a"]}', /pipeline\.yaml:4:17 no glob says which files to take/],
    [`{file: "\${nothing}"}`, /nothing/],
    [`{url: "ftp://x/y", sha256: ${SHA256}}`, /write an address that begins with https:\/\/ or http:\/\//],
    [`{url: "https://me:secret@x/y", sha256: ${SHA256}}`, /the address holds a user name or a password/],
    ['{url: "https://x/y", sha256: abc}', /write the 64 hexadecimal digits that "sha256sum FILE" prints/],
  ])('%s', (source, expected) => {
    expect(message(source)).toMatch(expected);
  });

  it.each([
    ['inputs: {x: dota}', /there is no source "dota"\n[\s\S]*did you mean "data"\?/],
    ['inputs: {x: read}', /"read" is a stage, and this does not say which output of it\n[\s\S]*write read\.o/],
    ['inputs: {x: data.o}', /stage "data" has no output "o"/],
    [`each: {seed: [1]}, inputs: {x: "\${seed}"}`, /seed/],
  ])('a stage with %s', (stage, expected) => {
    expect(message('{file: a}', `run: a.ts, outputs: {o: json}, ${stage}`)).toMatch(expected);
  });

  it('a source and a stage of one name', () => {
    const text = 'sources:\n  read: {file: a}\nstages:\n  read: {run: a.ts, outputs: {o: json}}\n';
    expect(messageOf(() => load(text))).toMatch(/pipeline\.yaml:6:3 "read" is a source and a stage/);
  });
});
