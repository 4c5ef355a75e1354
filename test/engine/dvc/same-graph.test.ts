// biome-ignore-all lint/suspicious/noTemplateCurlyInString: DVC files have their own references.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import { loaded } from './imports.ts';

/** A made-up stage: what it makes, and which earlier outputs and files it reads. */
interface Made {
  readonly name: string;
  readonly outputs: readonly { readonly path: string; readonly section: 'outs' | 'metrics' | 'plots' }[];
  readonly reads: readonly { readonly stage: number; readonly output: number; readonly below: boolean }[];
  readonly files: readonly string[];
  readonly params: readonly string[];
  readonly folder: string;
  readonly lines: readonly string[];
}

const PARAMS = { rate: 0.1, model: { layers: [8, 8], name: 'two words', 'odd key': null }, flag: true };
const PARAM_PATHS = ['rate', 'model', 'model.layers', 'model.name', 'model.layers.1', 'flag'];
const FILES = {
  'data/a b.csv': '1',
  'data/raw.csv': '1',
  'images/1.png': '',
  'images/deep/2.png': '',
  'src/run.py': '',
  'settings.toml': '',
};
const DEPENDENCIES = ['data/a b.csv', 'data/raw.csv', 'images', 'src', 'src/run.py', 'settings.toml'];
const LINES = [
  'true',
  'a && cd b',
  'echo "${rate} ${model.name}"',
  'awk \'{print $1, "{inputs}"}\' x',
  'x; y',
  'f() { a; }',
  '[[ a ]]',
  'echo \\${HOME} # text',
  'e: f',
  '- g',
  '日本',
];

const names = fc
  .string({ unit: fc.constantFrom('a', 'b', '1', '-', '_', '.', ' '), minLength: 1, maxLength: 4 })
  .map((text) => text.trim());
const stage = (position: number) =>
  fc.record({
    name: names.map((name) => `${name}s${position}`),
    outputs: fc.array(
      fc.record({
        path: fc
          .tuple(names, fc.constantFrom('', '.csv', '.json', '.svg', '.tar.gz'))
          .map(([name, end]) => `made/${position}/x${name}${end}`),
        section: fc.constantFrom('outs' as const, 'metrics' as const, 'plots' as const),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    reads: fc.array(fc.record({ stage: fc.nat(position), output: fc.nat(2), below: fc.boolean() }), { maxLength: 4 }),
    files: fc.subarray(DEPENDENCIES),
    params: fc.subarray(PARAM_PATHS),
    folder: fc.constantFrom('', 'sub', 'sub/deep'),
    lines: fc.array(fc.constantFrom(...LINES), { minLength: 1, maxLength: 3 }),
  });
const stages = fc
  .integer({ min: 1, max: 6 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, position) => stage(position))))
  .map((all): readonly Made[] =>
    all.map((each, position) => {
      const outputs = each.outputs.filter(
        ({ path }, at) =>
          !each.outputs
            .slice(0, at)
            .some((other) => `${path}/`.startsWith(`${other.path}/`) || `${other.path}/`.startsWith(`${path}/`)),
      );
      return { ...each, outputs, reads: each.reads.filter((read) => read.stage < position) };
    }),
  );

/** Paths of a DVC file are relative to the folder of the stage. */
function relativeTo(folder: string, path: string): string {
  return folder === '' ? path : `${'../'.repeat(folder.split('/').length)}${path}`;
}

function outputRead(all: readonly Made[], read: Made['reads'][number]) {
  const outputs = all[read.stage]?.outputs ?? [];
  return outputs[read.output % outputs.length];
}

function dvcFile(all: readonly Made[]): string {
  const section = Object.fromEntries(
    all.map((made) => {
      const { name, outputs, reads, files, params, folder, lines } = made;
      const own = (path: string) => relativeTo(folder, path);
      const read = reads.map((each) => `${outputRead(all, each)?.path}${each.below ? '/part' : ''}`);
      const of = (kind: string) => outputs.filter(({ section }) => section === kind).map(({ path }) => own(path));
      const definition = {
        cmd: lines,
        ...(folder === '' ? {} : { wdir: folder }),
        deps: [...new Set([...read, ...files])].map(own),
        outs: of('outs'),
        metrics: of('metrics').map((path) => ({ [path]: { cache: false } })),
        plots: of('plots').map((path) => ({ [path]: [{ x: 'a' }] })),
        params: folder === '' ? params : [{ [own('params.yaml')]: params }],
      };
      return [name, definition] as const;
    }),
  );
  return stringify({ stages: section });
}

describe('a DVC file that is imported', () => {
  it('gives a plan with the same graph', () => {
    fc.assert(
      fc.property(stages, (all) => {
        const text = dvcFile(all);
        const plan = buildPlan(loaded(text, { ...FILES, 'params.yaml': stringify(PARAMS) }));
        const nodes = plan.nodes.filter(({ stage: { program } }) => program.kind === 'command');
        expect(nodes).toHaveLength(all.length);
        const madeBy = new Map<string, { readonly output: string; readonly node: number }>();
        for (const node of nodes) {
          const { program } = node.stage;
          if (program.kind !== 'command') continue;
          for (const [output, path] of Object.entries(program.paths?.outputs ?? {}))
            madeBy.set(path, { output, node: node.index });
        }
        expect([...madeBy.keys()].sort()).toEqual(all.flatMap(({ outputs }) => outputs.map(({ path }) => path)).sort());
        for (const made of all) {
          const node = plan.nodes.find(({ index }) => index === madeBy.get(made.outputs[0]?.path ?? '')?.node);
          const wanted = new Set(made.reads.map((read) => outputRead(all, read)?.path ?? ''));
          const found = (node?.inputs ?? []).flatMap((input) => {
            if (input.kind !== 'one') return [];
            const source = plan.nodes[input.source.node];
            const program = source?.stage.program;
            return program?.kind === 'command' ? [program.paths?.outputs[input.source.output] ?? ''] : [];
          });
          expect(found.sort()).toEqual([...wanted].sort());
        }
      }),
      { numRuns: 200 },
    );
  });
});
