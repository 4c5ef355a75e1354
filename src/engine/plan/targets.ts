import { type Diagnostic, shortened, suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import { depthFirst } from '../base/traversal.ts';
import type { Problems } from '../pipeline/problems.ts';
import { problemAt } from '../pipeline/source.ts';
import type { FileSpec, PatternSpec, Spec, TargetSpec } from '../pipeline/spec.ts';
import { findOutput, type LinkedStage } from './link.ts';
import { type FittedPattern, fitPattern, isFitted, isWildcard, type NodePattern, parsePattern } from './pattern.ts';

/** What a target asks for, with names resolved to stages. */
export interface Selection {
  readonly nodes: readonly StagePattern[];
  readonly files: readonly BoundFile[];
}

/** A pattern applied to one of the stages that it matches. */
export interface StagePattern {
  readonly spec: PatternSpec;
  readonly pattern: NodePattern;
  readonly stage: LinkedStage;
  readonly fitted: FittedPattern;
}

export interface BoundFile {
  readonly spec: FileSpec;
  readonly source: StagePattern;
}

const LONGEST_FACT = 1000;

/** Steps through targets that contain others; each counts for each request. */
const MAX_TARGETS_RESOLVED = 1_000_000;

export function patternProblem({ place }: PatternSpec, fact: string, fix: string): Diagnostic {
  return place
    ? problemAt(place, fact, fix)
    : { fact: shortened(fact, LONGEST_FACT), fix: shortened(fix, LONGEST_FACT) };
}

/** Resolves target names and patterns against a spec whose stages are linked. */
export class TargetResolver {
  readonly #spec: Spec;
  readonly #stages: ReadonlyMap<string, LinkedStage>;

  #resolved = 0;

  constructor(spec: Spec, stages: readonly LinkedStage[]) {
    this.#spec = spec;
    this.#stages = new Map(stages.map((stage) => [stage.spec.name, stage]));
  }

  /** Checks all targets, requested or not. */
  checkAll(problems: Problems): void {
    const writers = new Map<string, { target: TargetSpec; file: FileSpec }>();
    const targets = [...this.#spec.targets.values()];
    for (const target of targets) {
      for (const pattern of target.nodes) {
        if (!this.#targetNamed(pattern, target)) problems.attempt(() => this.#bindPattern(pattern));
      }
      for (const file of target.files) {
        problems.attempt(() => this.#bindFile(file));
        const other = writers.get(file.path);
        if (!other) writers.set(file.path, { target, file });
        else if (other.file.node !== file.node || other.file.output !== file.output) {
          const theirs = `${other.file.node}.${other.file.output}`;
          problems.add(
            problemAt(
              file.place,
              `"${file.path}" is written from ${file.node}.${file.output} here, and from ${theirs} in target "${other.target.name}"`,
              'give one of the two another path',
            ),
          );
        }
      }
    }
    depthFirst(
      targets,
      (target) => this.#targetsIn(target),
      (members) => problems.add(this.#circle(members.slice(0, -1).map(({ name }) => name))),
    );
    for (const pattern of this.#spec.defaultTargets) {
      if (!this.#targetNamed(pattern)) problems.attempt(() => this.#bindPattern(pattern));
    }
  }

  /** @throws {Failure} where the pattern names nothing */
  resolve(pattern: PatternSpec): Selection {
    const target = this.#targetNamed(pattern);
    if (!target) return { nodes: this.#bindPattern(pattern), files: [] };
    const all = this.#within(target);
    return {
      nodes: all.flatMap((each) =>
        each.nodes.flatMap((inner) => (this.#targetNamed(inner, each) ? [] : this.#bindPattern(inner))),
      ),
      files: all.flatMap(({ files }) => files.map((file) => this.#bindFile(file))),
    };
  }

  /** The files of all targets, requested or not. */
  allFiles(): readonly BoundFile[] {
    return [...this.#spec.targets.values()].flatMap(({ files }) => files.map((file) => this.#bindFile(file)));
  }

  /** The target that a pattern means. Inside the definition of a target, its own name can only mean the stage of that name. */
  #targetNamed({ text }: PatternSpec, inside?: TargetSpec): TargetSpec | undefined {
    return inside?.name === text && this.#stages.has(text) ? undefined : this.#spec.targets.get(text);
  }

  #targetsIn(target: TargetSpec): readonly TargetSpec[] {
    return target.nodes.map((pattern) => this.#targetNamed(pattern, target)).filter((each) => each !== undefined);
  }

  /** A target and those that it contains, each once, in the order of their names in the file. */
  #within(target: TargetSpec): readonly TargetSpec[] {
    const found = new Set<TargetSpec>();
    const waiting = [target];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      if (++this.#resolved > MAX_TARGETS_RESOLVED) {
        const fact = 'the targets that are asked for contain too many of each other';
        throw new Failure('usage', problemAt(target.place, fact, 'ask for fewer at a time, or write a default'));
      }
      for (const each of this.#targetsIn(next).toReversed()) waiting.push(each);
    }
    return [...found];
  }

  /** Reported at the first declared target of the circle, wherever it was found. */
  #circle(members: readonly string[]): Diagnostic {
    const target = [...this.#spec.targets.values()].find(({ name }) => members.includes(name));
    if (!target) throw new Error('a circle of targets without a target');
    const start = members.indexOf(target.name);
    const trail = [...members.slice(start), ...members.slice(0, start), target.name].join(' → ');
    const fact = `targets contain each other in a circle: ${trail}`;
    return problemAt(target.place, fact, 'remove one of these entries');
  }

  #bindPattern(spec: PatternSpec): StagePattern[] {
    const pattern = parsePattern(spec.text);
    if (isWildcard(pattern.stage)) {
      const bound: StagePattern[] = [];
      for (const stage of this.#stages.values()) {
        const fitted =
          pattern.stage.matches(stage.spec.name) && fitPattern(pattern, stage.spec.name, stage.coordinates);
        if (fitted && isFitted(fitted)) bound.push({ spec, pattern, stage, fitted });
      }
      if (bound.length > 0) return bound;
      throw new Failure(
        'usage',
        patternProblem(spec, `no node matches "${spec.text}"`, suggestName(spec.text, this.#stages.keys())),
      );
    }
    const name = pattern.stage.text;
    const stage = this.#stages.get(name);
    if (!stage) {
      const known = pattern.coordinates.length > 0 ? [] : this.#spec.targets.keys();
      const fact = `there is no ${pattern.coordinates.length > 0 ? 'stage' : 'target or stage'} "${name}"`;
      throw new Failure(
        'usage',
        patternProblem(spec, fact, suggestName(name, new Set([...known, ...this.#stages.keys()]))),
      );
    }
    const fitted = fitPattern(pattern, name, stage.coordinates);
    if (!isFitted(fitted)) throw new Failure('usage', patternProblem(spec, fitted.fact, fitted.fix));
    return [{ spec, pattern, stage, fitted }];
  }

  #bindFile(file: FileSpec): BoundFile {
    const stageName = file.node.split('/')[0] ?? '';
    findOutput(this.#stages, stageName, file.output, file.source);
    const [source] = this.#bindPattern({ text: file.node, place: file.source });
    if (!source) throw new Error(`stage ${stageName} was found, and its pattern was not bound`);
    return { spec: file, source };
  }
}
