// Axes, entries and merge keys only say something once: a pipeline without them, written out, has the same plan.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildPlan } from '../../../src/engine/plan/build-plan.ts';
import { load, messageOf, set } from '../pipeline/pipelines.ts';

interface Entry {
  readonly seeds: readonly (string | number)[];
  readonly epochs: number;
  readonly size: number;
}

interface Case {
  readonly entries: readonly (readonly [name: string, own: Partial<Entry>])[];
  readonly shared: Entry;
  readonly take: readonly string[];
  /** Where `"*"` stands in `take`; beyond the end: nowhere. */
  readonly others: number;
  readonly override: Partial<Pick<Entry, 'seeds' | 'epochs'>>;
  readonly order: 'architecture first' | 'architecture last';
}

const NAMES = ['fnn', 'fnn+bn', 'a b', '10', '9', 'x.y', 'true'];

const seeds = fc.uniqueArray(fc.constantFrom<string | number>(1, 2, 3, 'one', 'zwei'), { minLength: 1, maxLength: 3 });
const epochs = fc.integer({ min: 0, max: 3 });
const size = fc.integer();

const cases: fc.Arbitrary<Case> = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.record({ seeds, epochs, size }, { requiredKeys: [] })), {
    selector: ([name]) => name,
    minLength: 1,
  })
  .chain((entries) =>
    fc.record({
      entries: fc.constant(entries),
      shared: fc.record({ seeds, epochs, size }),
      take: fc.shuffledSubarray(entries.map(([name]) => name)),
      others: fc.nat({ max: 8 }),
      override: fc.record({ seeds, epochs }, { requiredKeys: [] }),
      order: fc.constantFrom('architecture first' as const, 'architecture last' as const),
    }),
  );

/** Flow text: JSON would put keys such as "10" first. */
function mapping(entries: readonly (readonly [name: string, text: string])[]): string {
  return `{${entries.map(([name, text]) => `${JSON.stringify(name)}: ${text}`).join(', ')}}`;
}

const inJson = (values: object): [string, string][] =>
  Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)]);

const STAGES = (each: Readonly<Record<'draw' | 'train' | 'measure' | 'one', string>>, entry: string) => `stages:
  draw: {run: a.ts, each: ${each.draw}, outputs: {o: json}}
  train:
    run: a.ts
    each: ${each.train}
    scan: {epoch: {to: "\${${entry}.epochs}"}, carry: {o: draw.o}}
    params: {name: "\${architecture}", size: "\${${entry}.size}", seeds: "\${${entry}.seeds}", text: "\${${entry}.epochs} of \${architecture}"}
    outputs: {o: json}
  measure:
    run: a.ts
    each: ${each.measure}
    params: {size: "\${${entry}.size}"}
    inputs: {o: train.o, all: "draw.o[architecture=\${architecture}, seed=*]"}
    outputs: {o: json}
  one: {run: a.ts, params: ${each.one}, inputs: {o: "measure.o[*]"}, outputs: {o: json}}
`;

function withAxes({ entries, shared, take, others, order }: Case): string {
  const architectures = entries.map(([name, own], position): [string, string] => {
    if (position === 0) return [name, `&first ${mapping(inJson({ ...shared, ...own }))}`];
    return [name, mapping([['<<', '*first'], ...inJson(own)]).replace('"<<"', '<<')];
  });
  const asked = others > take.length ? take : take.toSpliced(others, 0, '*');
  return `params: {architectures: ${mapping(architectures)}, shown: ${JSON.stringify(asked)}, sizes: [1, 2]}
axes:
  architecture: {of: "\${architectures}", take: "\${shown}"}
  size: "\${sizes}"
  seed: "\${architecture.seeds}"
  epoch: {from: 0, to: "\${architecture.epochs}"}
${STAGES(
  {
    draw: '[architecture, seed]',
    train: order === 'architecture first' ? '[architecture, seed, size]' : '[size, architecture, seed]',
    measure: '[size, architecture, seed, epoch]',
    one: `{names: "\${axes.architecture}", epochs: "\${architectures.*.epochs}"}`,
  },
  'architecture',
)}`;
}

function writtenOut({ entries, shared, take, others, override, order }: Case): string {
  const first = { ...shared, ...entries[0]?.[1] };
  const changed = entries[0]?.[0];
  const whole = entries.map(
    ([name, own]) => [name, { ...first, ...own, ...(name === changed ? override : {}) }] as const,
  );
  const all = whole.map(([name]) => name);
  const rest = all.filter((name) => !take.includes(name));
  const names = others > take.length ? take : [...take.slice(0, others), ...rest, ...take.slice(others)];
  const each = {
    architecture: JSON.stringify(names),
    seed: `"\${architectures[architecture].seeds}"`,
    size: '[1, 2]',
    epoch: `{from: 0, to: "\${architectures[architecture].epochs}"}`,
  };
  const of = (...coordinates: (keyof typeof each)[]) => mapping(coordinates.map((name) => [name, each[name]]));
  return `params: {architectures: ${mapping(whole.map(([name, entry]) => [name, mapping(inJson(entry))]))}}
${STAGES(
  {
    draw: of('architecture', 'seed'),
    train: order === 'architecture first' ? of('architecture', 'seed', 'size') : of('size', 'architecture', 'seed'),
    measure: of('size', 'architecture', 'seed', 'epoch'),
    one: mapping([
      ['names', JSON.stringify(names)],
      ['epochs', mapping(whole.map(([name, entry]) => [name, String(entry.epochs)]))],
    ]),
  },
  'architectures[architecture]',
)}`;
}

/** The plan as text, or the facts of what is wrong with it. */
function outcome(text: string, overrides: Parameters<typeof load>[2] = []): string {
  const planned = () => buildPlan(load(text, undefined, overrides), { targets: ['one', 'measure', 'train'] });
  try {
    const { nodes } = planned();
    return JSON.stringify(
      nodes.map(({ id, coordinates, params, inputs, chain }) => ({ id, coordinates, params, inputs, chain })),
      null,
      1,
    );
  } catch {
    return messageOf(planned).replace(/^pipeline\.yaml.*$/gm, (line) => line.replace(/^\S+ /, ''));
  }
}

describe('a pipeline with axes, entries and merge keys', () => {
  it('has the plan of the same pipeline written out', () => {
    let plans = 0;
    fc.assert(
      fc.property(cases, (each) => {
        const [name] = each.entries[0] as readonly [string, unknown];
        const overrides = Object.entries(each.override).map(([key, value]) =>
          set(`architectures[${JSON.stringify(name)}].${key}`, JSON.stringify(value)),
        );
        const short = outcome(withAxes(each), overrides);
        const long = outcome(writtenOut(each));
        // Their errors stand in different places, and are told by what is there.
        if (long.startsWith('[')) plans++;
        expect(short.startsWith('[') ? short : 'an error').toBe(long.startsWith('[') ? long : 'an error');
      }),
      { numRuns: 100 },
    );
    expect(plans).toBeGreaterThan(20);
  });
});
