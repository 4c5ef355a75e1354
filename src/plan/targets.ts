import { type Diagnostic, suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import type { Problems } from '../spec/problems.ts';
import { problemAt } from '../spec/source.ts';
import type { FileSpec, PatternSpec, Spec, TargetSpec } from '../spec/spec.ts';
import { findOutput, type LinkedStage } from './link.ts';
import { type FittedPattern, fitPattern, isFitted, isWildcard, type NodePattern, parsePattern } from './pattern.ts';

/** What a target asks for, names resolved down to stages. */
export interface Selection {
  readonly nodes: readonly StagePattern[];
  readonly files: readonly BoundFile[];
}

/** A pattern laid over one of the stages that it matches. */
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

export function patternProblem({ place }: PatternSpec, fact: string, fix: string): Diagnostic {
  return place ? problemAt(place, fact, fix) : { fact, fix };
}

/** Resolves target names and patterns against a spec whose stages are linked. */
export class TargetResolver {
  readonly #spec: Spec;
  readonly #stages: ReadonlyMap<string, LinkedStage>;

  constructor(spec: Spec, stages: readonly LinkedStage[]) {
    this.#spec = spec;
    this.#stages = new Map(stages.map((stage) => [stage.spec.name, stage]));
  }

  /** Checks all targets, whether asked for or not. */
  checkAll(problems: Problems): void {
    const writers = new Map<string, { target: TargetSpec; file: FileSpec }>();
    for (const target of this.#spec.targets.values()) {
      for (const pattern of target.nodes) problems.attempt(() => this.#resolve(pattern, [target.name]));
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
    for (const pattern of this.#spec.defaultTargets) problems.attempt(() => this.#resolve(pattern, []));
  }

  /** @throws {Failure} where the pattern names nothing. */
  resolve(pattern: PatternSpec): Selection {
    return this.#resolve(pattern, []);
  }

  /** The files of all targets, whether asked for or not. */
  allFiles(): readonly BoundFile[] {
    return [...this.#spec.targets.values()].flatMap(({ files }) => files.map((file) => this.#bindFile(file)));
  }

  #resolve(asked: PatternSpec, within: readonly string[]): Selection {
    const { text } = asked;
    const target = this.#spec.targets.get(text);
    // Inside the definition of a target, its own name can only mean the stage of that name.
    const meansStage = within[within.length - 1] === text && this.#stages.has(text);
    if (!target || meansStage) return { nodes: this.#bindPattern(asked), files: [] };
    if (within.includes(text)) throw this.#circle(within.slice(within.indexOf(text)));
    const inner = target.nodes.map((pattern) => this.#resolve(pattern, [...within, text]));
    const own = target.files.map((file) => this.#bindFile(file));
    return { nodes: inner.flatMap(({ nodes }) => nodes), files: [...own, ...inner.flatMap(({ files }) => files)] };
  }

  /** Told from the first declared target of the circle, wherever it was found from. */
  #circle(members: readonly string[]): Failure {
    const target = [...this.#spec.targets.values()].find(({ name }) => members.includes(name));
    if (!target) throw new Error('a circle of targets without a target');
    const start = members.indexOf(target.name);
    const trail = [...members.slice(start), ...members.slice(0, start), target.name].join(' → ');
    const fact = `targets contain each other in a circle: ${trail}`;
    return new Failure('usage', problemAt(target.place, fact, 'remove one of these entries'));
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
