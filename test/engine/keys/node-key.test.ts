import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Canonical } from '../../../src/engine/base/canonical.ts';
import {
  type ArtefactDigest,
  type CodeFingerprint,
  digestBytes,
  digestValue,
} from '../../../src/engine/base/digest.ts';
import { type KeyInput, nodeKey, stageKey } from '../../../src/engine/keys/node-key.ts';
import type { ComputeIdentity } from '../../../src/engine/stage/stage.ts';

const code = digestBytes<CodeFingerprint>('code');
const artefact = (content: string) => digestBytes<ArtefactDigest>(content);
const stage = { name: 'train', outputs: { weights: 'safetensors', metrics: 'json' } } as const;
const params = { batchSize: 64, model: { kind: 'fully-connected', hidden: [800] } };
const surroundings = { engine: 'V8 11.3', variables: { SEED: '1', UNSET: null } };
const compute: ComputeIdentity = { backend: 'wasm', version: '4.22.0 simd', threads: 1 };
const inputs: readonly KeyInput[] = [
  { kind: 'one', name: 'weights', digest: artefact('weights') },
  {
    kind: 'many',
    name: 'metrics',
    items: [
      { coordinates: { seed: 1 }, digest: artefact('metrics 1') },
      { coordinates: { seed: 2 }, digest: artefact('metrics 2') },
    ],
  },
];
const [one, many] = inputs as [Extract<KeyInput, { kind: 'one' }>, Extract<KeyInput, { kind: 'many' }>];
const [firstItem, secondItem] = many.items as [(typeof many.items)[number], (typeof many.items)[number]];

// Whoever changes one of these digests makes every cache there is worthless: KEY_SCHEMA goes up with it.
const GOLDEN = {
  stage: '85548f7479024f8c87c1589f3ee4bfd826410505043cb33ff15e6167ec2d52e0',
  stageWithoutCompute: '9e3777cd564127551cf0626c4a371e66d88bed3a0ba9749cde8e8c50ebdc4c23',
  node: '0d4e5422384d715738d3fdd73cfed0c4a3f4a182bcda448dab48385e6a62126e',
  nodeWithoutInputs: 'cc1c205ee281a1f1a0d99e4c0634efe412e748cd6d047168092174b19ae7cecd',
};

describe('stageKey', () => {
  const key = stageKey(stage, code, params, surroundings, compute);

  it('is what it always was', () => {
    expect(key).toBe(GOLDEN.stage);
    expect(stageKey(stage, code, {}, surroundings, undefined)).toBe(GOLDEN.stageWithoutCompute);
  });

  it('does not depend on the order of outputs', () => {
    const outputs = { metrics: 'json', weights: 'safetensors' } as const;
    expect(
      stageKey({ name: 'train', outputs }, code, params, surroundings, {
        threads: 1,
        version: '4.22.0 simd',
        backend: 'wasm',
      }),
    ).toBe(key);
  });

  it.each([
    ['the name', stageKey({ ...stage, name: 'sample' }, code, params, surroundings, compute)],
    ['the code', stageKey(stage, digestBytes<CodeFingerprint>('other code'), params, surroundings, compute)],
    ['a param', stageKey(stage, code, { ...params, batchSize: 32 }, surroundings, compute)],
    ['the type of a param', stageKey(stage, code, { ...params, batchSize: '64' }, surroundings, compute)],
    ['a param more', stageKey(stage, code, { ...params, momentum: null }, surroundings, compute)],
    [
      'a param deep inside',
      stageKey(stage, code, { ...params, model: { ...params.model, hidden: [801] } }, surroundings, compute),
    ],
    [
      'the order of params, which a stage sees',
      stageKey(stage, code, { model: params.model, batchSize: 64 }, surroundings, compute),
    ],
    ['the JavaScript engine', stageKey(stage, code, params, { ...surroundings, engine: 'V8 11.4' }, compute)],
    [
      'the value of a variable',
      stageKey(stage, code, params, { ...surroundings, variables: { SEED: '2', UNSET: null } }, compute),
    ],
    [
      'a variable that is set to nothing',
      stageKey(stage, code, params, { ...surroundings, variables: { SEED: '1', UNSET: '' } }, compute),
    ],
    [
      'an output less',
      stageKey({ ...stage, outputs: { weights: 'safetensors' } }, code, params, surroundings, compute),
    ],
    [
      'the type of an output',
      stageKey({ ...stage, outputs: { ...stage.outputs, metrics: 'arrow' } }, code, params, surroundings, compute),
    ],
    ['the backend', stageKey(stage, code, params, surroundings, { ...compute, backend: 'cpu' })],
    ['the version of the backend', stageKey(stage, code, params, surroundings, { ...compute, version: '4.22.0' })],
    ['the number of threads', stageKey(stage, code, params, surroundings, { ...compute, threads: 2 })],
    ['no compute at all', stageKey(stage, code, params, surroundings, undefined)],
  ])('is changed by %s', (_, other) => {
    expect(other).not.toBe(key);
  });
});

describe('nodeKey', () => {
  const shared = stageKey(stage, code, params, surroundings, compute);
  const coordinates = { architecture: 'fnn', seed: 1, epoch: 3 };
  const key = nodeKey(shared, coordinates, inputs);

  it('is what it always was', () => {
    expect(key).toBe(GOLDEN.node);
    expect(nodeKey(shared, {}, [])).toBe(GOLDEN.nodeWithoutInputs);
  });

  it('depends neither on the order of coordinates nor on that of inputs', () => {
    expect(nodeKey(shared, { epoch: 3, seed: 1, architecture: 'fnn' }, [many, one])).toBe(key);
  });

  const withMany = (changed: Partial<typeof many>) => nodeKey(shared, coordinates, [one, { ...many, ...changed }]);
  it.each([
    ['the stage', nodeKey(stageKey(stage, code, {}, surroundings, compute), coordinates, inputs)],
    ['a coordinate', nodeKey(shared, { ...coordinates, epoch: 4 }, inputs)],
    ['the type of a coordinate', nodeKey(shared, { ...coordinates, seed: '1' }, inputs)],
    ['the bytes of an input', nodeKey(shared, coordinates, [{ ...one, digest: artefact('other') }, many])],
    ['the name of an input', nodeKey(shared, coordinates, [{ ...one, name: 'initial' }, many])],
    ['an input less', nodeKey(shared, coordinates, [one])],
    ['the bytes of a gathered item', withMany({ items: [firstItem, { ...secondItem, digest: artefact('other') }] })],
    [
      'the coordinates of a gathered item',
      withMany({ items: [firstItem, { ...secondItem, coordinates: { seed: 3 } }] }),
    ],
    ['the order of gathered items', withMany({ items: [secondItem, firstItem] })],
    ['a gathered item less', withMany({ items: [firstItem] })],
  ])('is changed by %s', (_, other) => {
    expect(other).not.toBe(key);
  });

  it('tells one item gathered from one that is not', () => {
    const digest = artefact('weights');
    expect(nodeKey(shared, {}, [{ kind: 'many', name: 'a', items: [{ coordinates: {}, digest }] }])).not.toBe(
      nodeKey(shared, {}, [{ kind: 'one', name: 'a', digest }]),
    );
  });

  it('is the digest of the canonical bytes of what it covers, whatever that is', () => {
    const key = stageKey(stage, code, params, surroundings, compute);
    const name = fc.oneof(fc.constantFrom('a', 'epoch', 'é', '__proto__'), fc.string());
    const coordinates = fc.dictionary(
      name,
      fc.oneof(fc.string(), fc.boolean(), fc.double({ noNaN: true, noDefaultInfinity: true })),
      {
        maxKeys: 4,
      },
    );
    const digest = fc.string().map(artefact);
    const content = fc.oneof(
      digest.map((one) => ({ kind: 'one', digest: one }) as const),
      fc
        .array(fc.record({ coordinates, digest }), { maxLength: 40 })
        .map((items) => ({ kind: 'many', items }) as const),
    );
    const named = fc.uniqueArray(fc.tuple(name, content), { maxLength: 4, selector: ([first]) => first });
    fc.assert(
      fc.property(fc.array(fc.tuple(coordinates, named), { maxLength: 3 }), (nodes) => {
        for (const [at, contents] of nodes) {
          const given = contents.map(([input, value]): KeyInput => ({ name: input, ...value }));
          const covered = Object.fromEntries(
            given.map((input): [string, Canonical] => [
              input.name,
              input.kind === 'one' ? input.digest : input.items.map((item) => [item.coordinates, item.digest]),
            ]),
          );
          expect(nodeKey(key, at, given)).toBe(digestValue([key, at, covered]));
        }
      }),
      { numRuns: 200, seed: 1 },
    );
  });
});
