import { createHash } from 'node:crypto';
import { codeOf, epochRead, gathersSeeds, type Reading, type StageSketch, type World } from './random-pipelines.ts';

export interface Position {
  readonly seed?: number;
  readonly epoch?: number;
}

type InputContent = string | readonly (readonly [Position, string])[];

/** What a stage's code does with what it is given: other bytes for anything else, or one of two. */
export function resultOf(
  code: string,
  param: unknown,
  at: Position,
  inputs: Readonly<Record<string, unknown>>,
): string {
  const sorted = Object.entries(inputs).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([code, param ?? null, at.seed ?? null, at.epoch ?? null, sorted]);
  const result = createHash('sha256').update(text).digest('hex');
  return code.includes('coarse') ? `${Number.parseInt(result.slice(0, 8), 16) % 2}` : result;
}

/**
 * The rules, without an engine: a node's content is worked out from the contents of what it reads, by recursion; it is executed if
 * nobody has ever done the same work for it.
 */
export class NaivePipeline {
  private readonly world: World;
  private readonly contents = new Map<string, string>();
  /** Everything that each node's result depends on, as text. */
  readonly work = new Map<string, string>();

  constructor(world: World) {
    this.world = world;
    for (const sketch of world.stages) for (const at of this.positions(sketch)) this.content(sketch, at);
  }

  /** By node id. */
  results(): ReadonlyMap<string, string> {
    return this.contents;
  }

  private positions({ each, chainFrom }: StageSketch): readonly Position[] {
    const seeds: readonly Position[] = each ? this.world.seeds.map((seed) => ({ seed })) : [{}];
    if (chainFrom === undefined) return seeds;
    const epochs = Array.from({ length: this.world.epochs }, (_, index) => index + 1);
    return seeds.flatMap((at) => epochs.map((epoch) => ({ ...at, epoch })));
  }

  private content(sketch: StageSketch, at: Position): string {
    const id = [sketch.name, ...Object.values(at)].join('/');
    const known = this.contents.get(id);
    if (known !== undefined) return known;
    const inputs: Record<string, InputContent> = {};
    for (const [index, read] of sketch.reads.entries()) inputs[`in${index}`] = this.input(sketch, at, read);
    if (sketch.chainFrom !== undefined) {
      const { epoch = 1, ...start } = at;
      inputs.out =
        epoch === 1
          ? this.content(this.world.stages[sketch.chainFrom] as StageSketch, start)
          : this.content(sketch, { ...at, epoch: epoch - 1 });
    }
    const code = codeOf(this.world, sketch);
    const param = sketch.param === undefined ? undefined : this.world.params[sketch.param];
    const content = resultOf(code, param, at, inputs);
    this.contents.set(id, content);
    this.work.set(id, JSON.stringify([id, code, param ?? null, Object.entries(inputs).sort()]));
    return content;
  }

  private input(reader: StageSketch, at: Position, read: Reading): InputContent {
    const source = this.world.stages[read.source] as StageSketch;
    const epoch = epochRead(reader, read);
    const allSeeds = source.each && gathersSeeds(reader, read);
    const wanted = this.positions(source).filter(
      (position) =>
        (!source.each || allSeeds || position.seed === at.seed) &&
        (source.chainFrom === undefined ||
          epoch === 'all' ||
          position.epoch === (epoch === 'last' ? this.world.epochs : at.epoch)),
    );
    if (allSeeds || (source.chainFrom !== undefined && epoch === 'all')) {
      return wanted.map((position) => [position, this.content(source, position)]);
    }
    return this.content(source, wanted[0] as Position);
  }
}
