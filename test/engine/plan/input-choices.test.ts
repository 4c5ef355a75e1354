import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageOf } from '../pipeline/pipelines.ts';
import { inputsOf, plan } from './plans.ts';

const PIPELINE = `
params:
  data:
    digits: {from: made, start: zeros.weights}
    photos: {from: read, start: "ones.weights[seed=7]", files: photo-files}
    letters: {from: read, start: zeros.weights, files: letter-files}
  own: [photos, letters]
sources:
  photo-files: {files: "photos/*"}
  letter-files: {files: "letters/*"}
stages:
  made: {run: a.ts, each: {name: [digits]}, outputs: {images: json}}
  read:
    run: b.ts
    each: {name: {of: "\${data}", take: "\${own}"}}
    inputs: {files: "\${name.files}"}
    outputs: {images: json}
  zeros: {run: c.ts, outputs: {weights: json}}
  ones: {run: c.ts, each: {seed: [7, 8]}, outputs: {weights: json}}
  train:
    run: d.ts
    each: {name: "\${data}", seed: [1, 2]}
    scan: {epoch: {to: 2}, carry: {weights: "\${name.start}"}}
    inputs: {images: "\${name.from}.images[name=\${name}]"}
    outputs: {weights: json}
`;

describe('an input that takes its stage from the entry of the node', () => {
  it('reads that stage, or that source', () => {
    const whole = plan(PIPELINE, ['train']);
    expect(inputsOf(whole, 'read/photos')).toEqual({ files: 'photo-files.directory' });
    expect(inputsOf(whole, 'read/letters')).toEqual({ files: 'letter-files.directory' });
    expect(inputsOf(whole, 'train/digits/1/1')).toEqual({ weights: 'zeros.weights', images: 'made/digits.images' });
    expect(inputsOf(whole, 'train/photos/2/1')).toEqual({ weights: 'ones/7.weights', images: 'read/photos.images' });
    expect(inputsOf(whole, 'train/photos/2/2')).toEqual({
      weights: 'train/photos/2/1.weights',
      images: 'read/photos.images',
    });
  });

  it('needs only what its nodes name', () => {
    const digits = plan(PIPELINE, ['train/digits/1/2']);
    expect(digits.nodes.map(({ id }) => id)).toEqual(['made/digits', 'zeros', 'train/digits/1/1', 'train/digits/1/2']);
  });

  it('of a stage without nodes reads nothing', () => {
    const none = PIPELINE.replace('own: [photos, letters]', 'own: []').replace(
      `each: {name: "\${data}", seed`,
      `each: {name: {of: "\${data}", take: [digits]}, seed`,
    );
    expect(plan(none, ['train']).nodes.some(({ id }) => id.startsWith('read'))).toBe(false);
  });

  it('property: has the inputs of as many stages as there are places to read from, written out', () => {
    const places = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(places, (from) => {
        const made = ['a', 'b', 'c'].map(
          (name) => `  ${name}: {run: ${name}.ts, each: {x: [0, 1]}, outputs: {o: json}}`,
        );
        const entries = from.map((stage, i) => `e${i}: {from: ${stage}}`).join(', ');
        const chosen = plan(
          `params: {entries: {${entries}}}\nstages:\n${made.join('\n')}\n  read: {run: r.ts, each: {entry: "\${entries}", x: [0, 1]}, inputs: {i: "\${entry.from}.o"}, outputs: {o: json}}\n`,
        );
        const written = from.map(
          (stage, i) => `  e${i}: {run: r.ts, each: {x: [0, 1]}, inputs: {i: ${stage}.o}, outputs: {o: json}}`,
        );
        const apart = plan(`stages:\n${made.join('\n')}\n${written.join('\n')}\n`);
        for (const i of from.keys()) {
          for (const x of [0, 1]) expect(inputsOf(chosen, `read/e${i}/${x}`)).toEqual(inputsOf(apart, `e${i}/${x}`));
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('messages about such inputs', () => {
  const message = (old: string, replacement: string) => messageOf(() => plan(PIPELINE.replace(old, replacement)));

  it('a source and a stage that do not exist', () => {
    expect(message('files: letter-files}', 'files: leter-files}')).toContain('there is no source "leter-files"');
    expect(message('{from: made', '{from: maid')).toMatch(/there is no stage "maid"[\s\S]*use one of .*"made"/);
  });

  it('what is no name', () => {
    expect(message('{from: made', '{from: [made]')).toContain(
      'this reference is a list, which cannot be part of a text',
    );
    expect(message('files: letter-files}', 'files: [letter-files]}')).toMatch(
      /this is a list[\s\S]*refer to a param that names a source or an output/,
    );
    expect(message('{from: made', '{from: "ma de"')).toContain(`"ma de.images[name=\${name}]" is not a reference`);
  });

  it('an entry without the name', () => {
    expect(message('{from: made, start: zeros.weights}', '{start: zeros.weights}')).toContain(
      '"data.digits" has no "from"',
    );
  });

  it('a scanned coordinate', () => {
    expect(message(`\${name.from}.images`, `\${data[epoch].from}.images`)).toContain(
      'the coordinate "epoch" has no value here',
    );
  });

  it('carried outputs of another type', () => {
    expect(message('outputs: {weights: json}}\n  ones', 'outputs: {weights: csv}}\n  ones')).toContain(
      '"weights" is json, but starts as csv',
    );
  });

  it('several types for a command', () => {
    const command = (type: string) => `
params: {files: {a: one.o, b: two.o}}
stages:
  one: {run: a.ts, outputs: {o: json}}
  two: {run: a.ts, outputs: {o: ${type}}}
  count: {command: "wc {inputs.data} > {outputs.n}", each: {file: "\${files}"}, inputs: {data: "\${files[file]}"}, outputs: {n: csv}}
`;
    expect(() => plan(command('json'))).not.toThrow();
    expect(messageOf(() => plan(command('csv')))).toContain(
      '"data" of a command is json as "one.o", and csv as "two.o"',
    );
  });

  it('more combinations than a plan has nodes', () => {
    const many = `
params: {from: {a: made}}
stages:
  made: {run: a.ts, outputs: {o: json}}
  read: {run: b.ts, each: {x: {from: 1, to: 2000}, y: {from: 1, to: 2000}, z: [a]}, inputs: {i: "\${from[z]}.o"}, outputs: {o: json}}
`;
    expect(messageOf(() => plan(many))).toContain('this depends on more than 1000000 combinations of coordinates');
  });
});
