import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonObject, type JsonValue } from '../../../src/engine/base/json.ts';
import { loadPipeline } from '../../../src/engine/pipeline/load-pipeline.ts';
import { evenRetries } from '../../../src/engine/pipeline/stages/retry-policy.ts';
import { ARTEFACT_EXTENSIONS } from '../../../src/engine/stage/artefact.ts';
import { plan } from '../plan/plans.ts';
import { load, pipeline, set } from './pipelines.ts';

describe('params', () => {
  it('refer to each other, keeping types, or as part of a text', () => {
    const { params } = load(`
params:
  threads: 4
  list: ["\${threads}", {half: "\${nested.half}"}]
  nested: {half: 2, text: "\${threads} threads, \${nested.half} idle"}
  names: {fnn+bn: 1, a.b: 2}
  which: fnn+bn
  picked: ["\${names[which]}", "\${names.fnn+bn}", "\${names['a.b']}", "\${list[1].half}"]
  literal: "$\${threads} costs $5, \${threads}$"
`);
    expect(params).toEqual({
      threads: 4,
      list: [4, { half: 2 }],
      nested: { half: 2, text: '4 threads, 2 idle' },
      names: { 'fnn+bn': 1, 'a.b': 2 },
      which: 'fnn+bn',
      picked: [1, 1, 2, 2],
      literal: `\${threads} costs $5, 4$`,
    });
  });

  it('are frozen all the way down', () => {
    const { params } = load('params: {a: {b: [1]}}\n');
    expect(Object.isFrozen(params)).toBe(true);
    expect(Object.isFrozen((params.a as JsonObject).b)).toBe(true);
  });

  it('may use anchors and merge keys', () => {
    const { params } = load(`
params:
  base: &base {epochs: 3, batchSize: 64}
  long: {<<: *base, epochs: 150}
  both: {epochs: 1, <<: [*base, {extra: true}]}
  same: *base
`);
    expect(params).toMatchObject({
      long: { epochs: 150, batchSize: 64 },
      both: { epochs: 1, batchSize: 64, extra: true },
      same: { epochs: 3, batchSize: 64 },
    });
  });

  it('take keys that objects inherit', () => {
    const { params } = load(
      `params: {constructor: 1, toString: {hasOwnProperty: 2}, x: "\${toString.hasOwnProperty}"}\n`,
    );
    expect(params.constructor).toBe(1);
    expect(params.x).toBe(2);
    expect(() => load(`params: {x: "\${toString}"}\n`)).toThrow('there is no param "toString"');
    expect(() => load(`params: {a: {b: 1}, x: "\${a.valueOf}"}\n`)).toThrow('"a" has no "valueOf"');
  });
});

describe('profiles', () => {
  const profiles = `
params: {a: {b: 1, c: [1, 2]}, d: text, e: {f: 1}}
profiles:
  small: {params: {a: {b: 2}, e: null}}
  smaller: {extends: small, params: {a: {c: [3]}}}
  usual: {default: true, description: the usual, params: {d: usual}}
`;

  it('merge mappings and replace the rest', () => {
    expect(load(profiles, 'small').params).toEqual({ a: { b: 2, c: [1, 2] }, d: 'text', e: null });
    expect(load(profiles, 'smaller').params).toEqual({ a: { b: 2, c: [3] }, d: 'text', e: null });
  });

  it('one is the default', () => {
    const pipeline = load(profiles);
    expect(pipeline.profile).toBe('usual');
    expect(pipeline.params.d).toBe('usual');
    expect(pipeline.profiles).toEqual([
      { name: 'small', description: undefined, isDefault: false },
      { name: 'smaller', description: undefined, isDefault: false },
      { name: 'usual', description: 'the usual', isDefault: true },
    ]);
    expect(load('').profile).toBeUndefined();
  });

  it('come before overrides, and both before references', () => {
    const text = `
params: {a: 1, b: "\${a}"}
profiles: {p: {params: {a: 2}}}
`;
    expect(load(text, 'p').params.b).toBe(2);
    expect(load(text, 'p', [set('a', '3')]).params.b).toBe(3);
    expect(load(text, 'p', [set('b', `"\${a}\${a}"`)]).params.b).toBe('22');
  });

  const key = fc.constantFrom('a', 'b', 'c', 'constructor', 'x y', '1');
  const leaf = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ maxLength: 3 }).map((s) => s.replace('$', '')),
  );
  const { tree } = fc.letrec<{ tree: JsonObject; value: JsonValue }>((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, leaf, fc.array(leaf, { maxLength: 3 }), tie('tree')),
    tree: fc.dictionary(key, tie('value'), { maxKeys: 3, noNullPrototype: true }),
  }));
  /** A profile that changes only what params have. */
  const overlayOf = (base: JsonObject, seed: JsonObject): JsonObject =>
    Object.fromEntries(
      Object.entries(seed).flatMap(([name, value]) => {
        if (!Object.hasOwn(base, name)) return [];
        const below = base[name];
        return [[name, isJsonObject(value) && isJsonObject(below) ? overlayOf(below, value) : value]];
      }),
    );
  const load3 = (params: JsonObject, first: JsonObject, second: JsonObject, profile?: string) =>
    load(
      `params: ${JSON.stringify(params)}\nprofiles: ${JSON.stringify({ none: {}, first: { params: first }, second: { extends: 'first', params: second } })}\n`,
      profile,
    ).params;

  it('property: an empty profile changes nothing; one applied twice is one applied once; the last one wins', () => {
    fc.assert(
      fc.property(tree, tree, tree, (base, seedA, seedB) => {
        const first = overlayOf(base, seedA);
        const merged = load3(base, first, {}, 'first');
        const second = overlayOf(merged, seedB);
        expect(load3(base, {}, {}, 'none')).toEqual(base);
        expect(load3(base, {}, {})).toEqual(base);
        expect(load3(base, base, {}, 'first')).toEqual(base);
        expect(load3(base, first, first, 'second')).toEqual(merged);
        const both = load3(base, first, second, 'second');
        expect(both).toEqual(load3(merged, second, {}, 'first'));
        const contains = (whole: JsonValue | undefined, part: JsonValue): boolean =>
          isJsonObject(part) && isJsonObject(whole)
            ? Object.entries(part).every(([name, value]) => contains(whole[name], value))
            : JSON.stringify(whole) === JSON.stringify(part);
        expect(contains(both, second)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('overrides', () => {
  const params = 'params: {compute: {backend: auto, threads: 1}, seeds: [1, 2], fnn+bn: {x: 1}}\n';
  it('are YAML', () => {
    const overrides = [
      set('compute.threads', '2'),
      set('seeds', '[3, 4]'),
      set('fnn+bn.x', '{y: null}'),
      set('compute.backend', 'wasm'),
    ];
    expect(load(params, undefined, overrides).params).toEqual({
      compute: { backend: 'wasm', threads: 2 },
      seeds: [3, 4],
      'fnn+bn': { x: { y: null } },
    });
    expect(load(params, undefined, [set('seeds[1]', '7'), set('compute.backend', '')]).params).toMatchObject({
      seeds: [1, 7],
      compute: { backend: null },
    });
  });

  it('apply in order', () => {
    expect(load(params, undefined, [set('seeds', '5'), set('seeds', '6')]).params.seeds).toBe(6);
  });
});

describe('stages', () => {
  it('have defaults', () => {
    const stage = load('').stages.get('only');
    expect(stage).toMatchObject({
      program: { kind: 'module', path: 'stages/only.ts', exportName: 'default' },
      outputs: { value: 'json' },
      compute: false,
      resources: { threads: 1, memoryBytes: 0, gpus: 0 },
      timeoutSeconds: undefined,
      retries: evenRetries(0),
      environment: { variables: [], secrets: [] },
      undeclared: 'refuse',
    });
  });

  it('have settings that may refer to params', () => {
    const pipeline = load(`
params: {threads: 4, limit: 1h30m}
compute: {provider: acme-compute, request: {threads: "\${threads}"}}
stages:
  a:
    run: stages/plot.ts#angles
    outputs: {plot: svg}
    compute: true
    timeout: "\${limit}"
    retries: 2
    resources: {threads: "\${threads}", memory: 1.5 GiB, gpus: 1}
  b: {run: b.ts, outputs: {x: json}, timeout: 500ms, resources: {memory: 20MB}}
`);
    expect(pipeline.compute).toEqual({ provider: 'acme-compute', request: { threads: 4 } });
    expect(pipeline.stages.get('a')).toMatchObject({
      program: { kind: 'module', path: 'stages/plot.ts', exportName: 'angles' },
      compute: true,
      timeoutSeconds: 5400,
      retries: evenRetries(2),
      resources: { threads: 4, memoryBytes: 1.5 * 2 ** 30, gpus: 1 },
    });
    expect(pipeline.stages.get('b')).toMatchObject({ timeoutSeconds: 0.5, resources: { memoryBytes: 20e6 } });
  });

  it('name the environment variables that they see', () => {
    const environment = 'variables: [DATA_ROOT, _x1], secrets: [API_TOKEN], undeclared: ignore';
    const [stage] = plan(`stages: {a: {run: a.ts, ${environment}, outputs: {x: json}}}\n`).nodes.map(
      (node) => node.stage,
    );
    expect(stage).toMatchObject({ variables: ['DATA_ROOT', '_x1'], secrets: ['API_TOKEN'], undeclared: 'ignore' });
    const [plain] = plan('').nodes.map((node) => node.stage);
    expect(plain).toMatchObject({ variables: [], secrets: [], undeclared: 'refuse' });
  });

  it('the default targets are those named, else all targets, else all stages', () => {
    const names = (text: string) => load(text).defaultTargets.map(({ text: name }) => name);
    expect(names('')).toEqual(['only']);
    expect(names('targets: {x: [only], y: [only]}\n')).toEqual(['x', 'y']);
    expect(names('targets: {x: [only], y: [only]}\ndefault: [y]\n')).toEqual(['y']);
  });
});

describe('the schema', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../../src/engine/schemas/pipeline.schema.json', import.meta.url), 'utf8'),
  );

  it('names the artefact types of the contract', () => {
    expect(schema.definitions.artefactType.enum).toEqual(Object.keys(ARTEFACT_EXTENSIONS));
  });

  it('is what the committed validator was made from', () => {
    const script = new URL('../../../scripts/generate-validator.mjs', import.meta.url).pathname;
    expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
  });

  it('describes every key, for editors', () => {
    const undescribed: string[] = [];
    const visit = (node: JsonValue, path: string): void => {
      if (!isJsonObject(node)) return;
      for (const [name, child] of Object.entries(node)) {
        const isKey = path.endsWith('/properties');
        if (isKey && isJsonObject(child) && typeof child.description !== 'string') undescribed.push(`${path}/${name}`);
        visit(child, `${path}/${name}`);
      }
    };
    visit(schema, '');
    expect(undescribed).toEqual([]);
  });
});

it('line ends of Windows are understood', () => {
  const text = pipeline(`params: {a: 1, b: "x\${b}"}\n`).replaceAll('\n', '\r\n');
  expect(() => loadPipeline({ file: 'p.yaml', text })).toThrow(`   3 | params: {a: 1, b: "x\${b}"}\n`);
});
