import fc from 'fast-check';

/** A project as an experimenter sees it: params, and stages whose code is a number that edits change. */
export interface World {
  readonly seeds: readonly number[];
  readonly epochs: number;
  readonly params: readonly number[];
  /** Version of a module that some stages import. */
  readonly helper: number;
  readonly stages: readonly StageSketch[];
}

export interface StageSketch {
  readonly name: string;
  readonly code: number;
  readonly importsHelper: boolean;
  /** Whether there is a node for each seed. */
  readonly each: boolean;
  /** Position of the stage that the chain of this one starts from; nothing for a stage that is no chain. */
  readonly chainFrom: number | undefined;
  /** Position of the param that it declares. */
  readonly param: number | undefined;
  readonly reads: readonly Reading[];
  /** Its bytes are one of two, whatever goes in. */
  readonly coarse: boolean;
  /** When its chains end early, by the metric `m`. */
  readonly stop?: readonly StopSketch[];
}

export type StopSketch =
  | { readonly above: number; readonly from: number }
  | { readonly best: 'min' | 'max'; readonly patience: number }
  | {
      readonly best: 'min' | 'max';
      readonly rungs: readonly number[];
      readonly factor: number;
      readonly within: readonly 'seed'[];
    };

/** How a stage reads another. What a stage lacks a coordinate for, it gathers. */
export interface Reading {
  readonly source: number;
  readonly allSeeds: boolean;
  /** `end`: the last one to which each chain comes. */
  readonly epoch: 'same' | 'last' | 'all' | 'end';
}

export type Edit =
  | { readonly kind: 'nothing' | 'helper' | 'seed' | 'epoch' | 'fewer epochs' | 'remove' }
  | { readonly kind: 'code' | 'coarseness' | 'back'; readonly which: number }
  | { readonly kind: 'param'; readonly which: number; readonly value: number }
  | { readonly kind: 'stop'; readonly which: number; readonly stop: readonly StopSketch[] }
  | ForOneRun;

/** A param set by `--set`, which leaves the file as it is. */
export interface ForOneRun {
  readonly kind: 'set';
  readonly which: number;
  readonly value: number;
}

const PARAMS = 3;

const reading = fc.record({
  source: fc.nat(20),
  allSeeds: fc.boolean(),
  epoch: fc.constantFrom<Reading['epoch']>('same', 'last', 'all', 'end'),
});

const stage = fc.record({
  importsHelper: fc.boolean(),
  each: fc.boolean(),
  chainFrom: fc.option(fc.nat(20), { nil: undefined }),
  param: fc.option(fc.nat(PARAMS - 1), { nil: undefined }),
  reads: fc.array(reading, { maxLength: 3 }),
  coarse: fc.boolean(),
});

export const worlds: fc.Arbitrary<World> = fc
  .record({
    seeds: fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
    epochs: fc.integer({ min: 1, max: 3 }),
    params: fc.array(fc.nat(2), { minLength: PARAMS, maxLength: PARAMS }),
    stages: fc.array(stage, { minLength: 1, maxLength: 7 }),
  })
  .map(({ stages, ...rest }) => {
    const sketches: StageSketch[] = [];
    for (const [position, drawn] of stages.entries()) {
      // A chain starts from a stage that is no chain and has the same coordinates.
      const starts = sketches.flatMap((other, index) =>
        other.chainFrom === undefined && other.each === drawn.each ? [index] : [],
      );
      const chainFrom = drawn.chainFrom === undefined ? undefined : starts[drawn.chainFrom % starts.length];
      const reads = position === 0 ? [] : drawn.reads.map((each) => ({ ...each, source: each.source % position }));
      sketches.push({ ...drawn, name: `s${position}`, code: 0, chainFrom, reads });
    }
    return { ...rest, helper: 0, stages: sketches };
  });

const best = fc.constantFrom<'min' | 'max'>('min', 'max');

const stopRules: fc.Arbitrary<readonly StopSketch[]> = fc
  .record({
    bound: fc.option(fc.record({ above: fc.nat(4), from: fc.integer({ min: 1, max: 3 }) }), { freq: 1 }),
    patience: fc.option(fc.record({ best, patience: fc.integer({ min: 1, max: 2 }) }), { freq: 1 }),
    halving: fc.option(
      fc.record({
        best,
        rungs: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        factor: fc.constantFrom(1.5, 2, 3),
        isWithin: fc.boolean(),
      }),
      { freq: 3 },
    ),
  })
  .map(({ bound, patience, halving }) => {
    const rules: StopSketch[] = [];
    if (bound) rules.push(bound);
    if (patience) rules.push(patience);
    if (halving) {
      const { isWithin, rungs, ...rest } = halving;
      rules.push({ ...rest, rungs: rungs.toSorted((a, b) => a - b), within: isWithin ? ['seed'] : [] });
    }
    return rules;
  });

/** Worlds some of whose chains may end early: they are longer, and there are more of them. */
export const stoppingWorlds: fc.Arbitrary<World> = fc
  .record({ world: worlds, stops: fc.array(stopRules, { minLength: 7, maxLength: 7 }), more: fc.nat(2) })
  .map(({ world, stops, more }) => ({
    ...world,
    seeds: [...world.seeds, ...Array.from({ length: more }, (_, index) => 10 + index)],
    epochs: world.epochs + (more % 2),
    stages: world.stages.map((sketch, index) => withStop(sketch, stops[index] ?? [])),
  }));

/** `within` names a coordinate that the stage has. */
function withStop({ stop: _, ...sketch }: StageSketch, rules: readonly StopSketch[]): StageSketch {
  if (sketch.chainFrom === undefined || rules.length === 0) return sketch;
  return {
    ...sketch,
    stop: rules.map((rule) => ('within' in rule && !sketch.each ? { ...rule, within: [] } : rule)),
  };
}

export const stopEdits: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constant('stop' as const),
  which: fc.nat(20),
  stop: stopRules,
});

export const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('code', 'coarseness', 'back'), which: fc.nat(20) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('param', 'set'), which: fc.nat(PARAMS - 1), value: fc.nat(2) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('nothing', 'helper', 'seed', 'epoch', 'fewer epochs', 'remove') }),
  },
);

/** The project after an edit. `--set` leaves it as it is. */
export function edited(world: World, edit: Edit, earlier: readonly World[]): World {
  const changeStage = (which: number, change: (stage: StageSketch) => Partial<StageSketch>): World => ({
    ...world,
    stages: world.stages.map((each, index) =>
      index === which % world.stages.length ? { ...each, ...change(each) } : each,
    ),
  });
  switch (edit.kind) {
    case 'nothing':
    case 'set':
      return world;
    case 'helper':
      return { ...world, helper: world.helper + 1 };
    case 'seed':
      return { ...world, seeds: [...world.seeds, Math.max(...world.seeds) + 1] };
    case 'epoch':
      return { ...world, epochs: world.epochs + 1 };
    case 'fewer epochs':
      return { ...world, epochs: Math.max(1, world.epochs - 1) };
    case 'remove':
      return world.stages.length > 1 ? { ...world, stages: world.stages.slice(0, -1) } : world;
    case 'code':
      return changeStage(edit.which, ({ code }) => ({ code: code + 1 }));
    case 'coarseness':
      return changeStage(edit.which, ({ coarse, code }) => ({ coarse: !coarse, code: code + 1 }));
    case 'param':
      return { ...world, params: withParam(world.params, edit.which, edit.value) };
    case 'stop':
      return {
        ...world,
        stages: world.stages.map((each, index) =>
          index === edit.which % world.stages.length ? withStop(each, edit.stop) : each,
        ),
      };
    case 'back':
      return earlier[edit.which % earlier.length] as World;
  }
}

export function withParam(params: readonly number[], which: number, value: number): readonly number[] {
  return params.map((old, index) => (index === which ? value : old));
}

/** What is in a stage's bundle. */
export function codeOf({ helper }: World, { name, code, coarse, importsHelper }: StageSketch): string {
  return `${name} ${code} ${coarse ? 'coarse' : 'fine'}${importsHelper ? ` helper ${helper}` : ''}`;
}

/** The pipeline file: JSON is YAML. Every two stages share a module. */
export function pipelineText(world: World): string {
  const stages = world.stages.map((sketch, position) => {
    const { name, each, chainFrom, param, reads, stop } = sketch;
    return [
      name,
      {
        run: `stages/m${position >> 1}.ts#${name}`,
        ...(each ? { each: { seed: '$' + '{seeds}' } } : {}),
        ...(chainFrom === undefined
          ? {}
          : { scan: { epoch: { from: 1, to: '$' + '{epochs}' } }, carryFrom: chainFrom }),
        ...(param === undefined ? {} : { params: { value: `$\{p${param}}` } }),
        ...(stop ? { stop: stop.map((rule) => ({ metric: 'm', ...rule })) } : {}),
        inputs: Object.fromEntries(reads.map((read, index) => [`in${index}`, referenceText(world, sketch, read)])),
        outputs: { out: 'bytes' },
      },
    ] as const;
  });
  const written = stages.map(([name, { carryFrom, scan, ...rest }]) => [
    name,
    scan === undefined ? rest : { ...rest, scan: { ...scan, carry: { out: `s${carryFrom}.out` } } },
  ]);
  return JSON.stringify({
    version: 1,
    name: 'random',
    params: {
      seeds: world.seeds,
      epochs: world.epochs,
      ...Object.fromEntries(world.params.map((value, index) => [`p${index}`, value])),
    },
    stages: Object.fromEntries(written),
  });
}

function referenceText({ stages }: World, reader: StageSketch, read: Reading): string {
  const source = stages[read.source] as StageSketch;
  const selectors: string[] = [];
  if (source.each && gathersSeeds(reader, read)) selectors.push('seed=*');
  if (source.chainFrom !== undefined) {
    const epoch = epochRead(reader, read);
    if (epoch === 'all') selectors.push('epoch=*');
    if (epoch === 'last') selectors.push('epoch=$' + '{epochs}');
    if (epoch === 'end') selectors.push('epoch=last');
  }
  return `${source.name}.out${selectors.length > 0 ? `[${selectors.join(', ')}]` : ''}`;
}

export function gathersSeeds(reader: StageSketch, { allSeeds }: Reading): boolean {
  return allSeeds || !reader.each;
}

/** Whether the input of a reader is a list. */
export function gathers({ stages }: World, reader: StageSketch, read: Reading): boolean {
  const source = stages[read.source] as StageSketch;
  const epoch = epochRead(reader, read);
  return (
    (source.each && gathersSeeds(reader, read)) ||
    (source.chainFrom !== undefined && (epoch === 'all' || epoch === 'end'))
  );
}

export function epochRead(reader: StageSketch, { epoch }: Reading): Reading['epoch'] {
  return epoch === 'same' && reader.chainFrom === undefined ? 'last' : epoch;
}
