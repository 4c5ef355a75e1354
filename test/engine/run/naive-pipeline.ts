import { createHash } from 'node:crypto';
import {
  codeOf,
  epochRead,
  gathers,
  gathersSeeds,
  type Reading,
  type StageSketch,
  type World,
} from './random-pipelines.ts';

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

/** What a stage with these bytes reports as `m`. */
export function metricOf(content: string): number {
  const value = Number.parseInt(content.split(' #')[0]?.slice(-2) ?? '', 16) % 6;
  return value === 5 ? Number.NaN : value;
}

/**
 * The rules, without an engine: a node's content is worked out from the contents of what it reads, by recursion; it is executed if
 * nobody has ever done the same work for it.
 */
export class NaivePipeline {
  private readonly world: World;
  private readonly contents = new Map<string, string>();
  private readonly cuts = new Map<string, boolean>();
  /** Everything that each node's result depends on, as text. */
  readonly work = new Map<string, string>();

  constructor(world: World) {
    this.world = world;
    for (const sketch of world.stages) {
      for (const at of this.positions(sketch)) if (!this.isCut(sketch, at)) this.content(sketch, at);
    }
  }

  /** By node id; without those that are cut short. */
  results(): ReadonlyMap<string, string> {
    return this.contents;
  }

  private positions({ each, chainFrom }: StageSketch): readonly Position[] {
    const seeds: readonly Position[] = each ? this.world.seeds.map((seed) => ({ seed })) : [{}];
    if (chainFrom === undefined) return seeds;
    const epochs = Array.from({ length: this.world.epochs }, (_, index) => index + 1);
    return seeds.flatMap((at) => epochs.map((epoch) => ({ ...at, epoch })));
  }

  private isCut(sketch: StageSketch, at: Position): boolean {
    const id = [sketch.name, ...Object.values(at)].join('/');
    let known = this.cuts.get(id);
    if (known === undefined) {
      known = this.lacksInput(sketch, at) || (sketch.chainFrom !== undefined && this.hasEnded(sketch, at));
      this.cuts.set(id, known);
    }
    return known;
  }

  private lacksInput(sketch: StageSketch, at: Position): boolean {
    return sketch.reads.some((read) => {
      const source = this.world.stages[read.source] as StageSketch;
      return this.wanted(sketch, at, read).every((position) => this.isCut(source, position));
    });
  }

  /** Whether the chain has ended before this epoch, or does not begin. */
  private hasEnded(sketch: StageSketch, { epoch = 1, ...start }: Position): boolean {
    if (epoch === 1) return this.isCut(this.world.stages[sketch.chainFrom as number] as StageSketch, start);
    const before = { ...start, epoch: epoch - 1 };
    return this.isCut(sketch, before) || this.endsAlone(sketch, before) || this.losesAt(sketch, before);
  }

  private metric(sketch: StageSketch, at: Position): number {
    return metricOf(this.content(sketch, at));
  }

  private endsAlone(sketch: StageSketch, at: Position): boolean {
    const { epoch = 1 } = at;
    return (sketch.stop ?? []).some((rule) => {
      if ('above' in rule) return epoch >= rule.from && !(this.metric(sketch, at) <= rule.above);
      if (!('patience' in rule)) return false;
      const values = Array.from({ length: epoch }, (_, index) => this.metric(sketch, { ...at, epoch: index + 1 }));
      const numbers = values.filter((value) => !Number.isNaN(value));
      const best = rule.best === 'min' ? Math.min(...numbers) : Math.max(...numbers);
      const bestAt = numbers.length > 0 ? values.indexOf(best) : -1;
      return epoch - 1 - bestAt >= rule.patience;
    });
  }

  private losesAt(sketch: StageSketch, { seed, epoch = 1 }: Position): boolean {
    const rule = sketch.stop?.find((each) => 'rungs' in each);
    if (!rule || !('rungs' in rule) || !rule.rungs.includes(epoch)) return false;
    const rivals = this.positions(sketch).filter(
      (other) =>
        other.epoch === epoch &&
        (rule.within.length === 0 || other.seed === seed) &&
        !this.isCut(sketch, other) &&
        !this.endsAlone(sketch, other),
    );
    const worst = rule.best === 'min' ? 1000 : -1000;
    const scores = rivals.map((other) => {
      const value = this.metric(sketch, other);
      return Number.isNaN(value) ? worst : value;
    });
    const kept = Math.max(1, Math.floor(rivals.length / rule.factor));
    const own = rivals.findIndex((other) => other.seed === seed);
    const score = scores[own] as number;
    const better = scores.filter((other, index) => {
      if (other === score) return index < own;
      return rule.best === 'min' ? other < score : other > score;
    });
    return better.length >= kept;
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

  private wanted(reader: StageSketch, at: Position, read: Reading): readonly Position[] {
    const source = this.world.stages[read.source] as StageSketch;
    const epoch = epochRead(reader, read);
    const allSeeds = source.each && gathersSeeds(reader, read);
    return this.positions(source).filter(
      (position) =>
        (!source.each || allSeeds || position.seed === at.seed) &&
        (source.chainFrom === undefined ||
          epoch === 'all' ||
          epoch === 'end' ||
          position.epoch === (epoch === 'last' ? this.world.epochs : at.epoch)),
    );
  }

  private input(reader: StageSketch, at: Position, read: Reading): InputContent {
    const source = this.world.stages[read.source] as StageSketch;
    const there = this.wanted(reader, at, read).filter((position) => !this.isCut(source, position));
    if (!gathers(this.world, reader, read)) return this.content(source, there[0] as Position);
    const isLast = ({ seed, epoch = 0 }: Position) =>
      !there.some((other) => other.seed === seed && (other.epoch ?? 0) > epoch);
    const isOfEnds = source.chainFrom !== undefined && epochRead(reader, read) === 'end';
    return (isOfEnds ? there.filter(isLast) : there).map((position) => [position, this.content(source, position)]);
  }
}
