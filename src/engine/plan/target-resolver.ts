import { depthFirst } from '../base/depth-first.ts';
import { type Diagnostic, shortened, suggestName } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import type { DeclaredFile, DeclaredTarget, PatternText, Pipeline } from '../pipeline/pipeline.ts';
import type { Problems } from '../pipeline/problems.ts';
import { problemAt } from '../pipeline/yaml/source.ts';
import { findOutput, type LinkedStage } from './link-stages.ts';
import {
  type FittedPattern,
  fitPattern,
  isFitted,
  isWildcard,
  type NodePattern,
  parsePattern,
} from './node-pattern.ts';

/** What a target asks for, with names resolved to stages. */
export interface Selection {
  readonly nodes: readonly StagePattern[];
  readonly files: readonly BoundFile[];
}

/** A pattern applied to one of the stages that it matches. */
export interface StagePattern {
  readonly written: PatternText;
  readonly pattern: NodePattern;
  readonly stage: LinkedStage;
  readonly fitted: FittedPattern;
}

export interface BoundFile {
  readonly file: DeclaredFile;
  readonly source: StagePattern;
}

const LONGEST_FACT = 1000;

/** Steps through targets that contain others; each counts for each request. */
const MAX_TARGETS_RESOLVED = 1_000_000;

export function patternProblem({ place }: PatternText, fact: string, fix: string): Diagnostic {
  return place
    ? problemAt(place, fact, fix)
    : { fact: shortened(fact, LONGEST_FACT), fix: shortened(fix, LONGEST_FACT) };
}

/** Resolves target names and patterns against a pipeline whose stages are linked. */
export class TargetResolver {
  readonly #pipeline: Pipeline;
  readonly #stages: ReadonlyMap<string, LinkedStage>;

  #resolved = 0;

  constructor(pipeline: Pipeline, stages: readonly LinkedStage[]) {
    this.#pipeline = pipeline;
    this.#stages = new Map(stages.map((stage) => [stage.declared.name, stage]));
  }

  /** Checks all targets, requested or not. */
  checkAll(problems: Problems): void {
    const writers = new Map<string, { target: DeclaredTarget; file: DeclaredFile }>();
    const targets = [...this.#pipeline.targets.values()];
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
    for (const pattern of this.#pipeline.defaultTargets) {
      if (!this.#targetNamed(pattern)) problems.attempt(() => this.#bindPattern(pattern));
    }
  }

  /** @throws {Failure} where the pattern names nothing */
  resolve(pattern: PatternText): Selection {
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
    return [...this.#pipeline.targets.values()].flatMap(({ files }) => files.map((file) => this.#bindFile(file)));
  }

  /** The target that a pattern means. Inside the definition of a target, its own name can only mean the stage of that name. */
  #targetNamed({ text }: PatternText, inside?: DeclaredTarget): DeclaredTarget | undefined {
    return inside?.name === text && this.#stages.has(text) ? undefined : this.#pipeline.targets.get(text);
  }

  #targetsIn(target: DeclaredTarget): readonly DeclaredTarget[] {
    return target.nodes.map((pattern) => this.#targetNamed(pattern, target)).filter((each) => each !== undefined);
  }

  /** A target and those that it contains, each once, in the order of their names in the file. */
  #within(target: DeclaredTarget): readonly DeclaredTarget[] {
    const found = new Set<DeclaredTarget>();
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
    const target = [...this.#pipeline.targets.values()].find(({ name }) => members.includes(name));
    if (!target) throw new Error('a circle of targets without a target');
    const start = members.indexOf(target.name);
    const trail = [...members.slice(start), ...members.slice(0, start), target.name].join(' → ');
    const fact = `targets contain each other in a circle: ${trail}`;
    return problemAt(target.place, fact, 'remove one of these entries');
  }

  #bindPattern(written: PatternText): StagePattern[] {
    const pattern = parsePattern(written.text);
    if (isWildcard(pattern.stage)) {
      const bound: StagePattern[] = [];
      for (const stage of this.#stages.values()) {
        const fitted =
          pattern.stage.matches(stage.declared.name) && fitPattern(pattern, stage.declared.name, stage.coordinates);
        if (fitted && isFitted(fitted)) bound.push({ written, pattern, stage, fitted });
      }
      if (bound.length > 0) return bound;
      throw new Failure(
        'usage',
        patternProblem(written, `no node matches "${written.text}"`, suggestName(written.text, this.#stages.keys())),
      );
    }
    const name = pattern.stage.text;
    const stage = this.#stages.get(name);
    if (!stage) {
      const known = pattern.coordinates.length > 0 ? [] : this.#pipeline.targets.keys();
      const fact = `there is no ${pattern.coordinates.length > 0 ? 'stage' : 'target or stage'} "${name}"`;
      throw new Failure(
        'usage',
        patternProblem(written, fact, suggestName(name, new Set([...known, ...this.#stages.keys()]))),
      );
    }
    const fitted = fitPattern(pattern, name, stage.coordinates);
    if (!isFitted(fitted)) throw new Failure('usage', patternProblem(written, fitted.fact, fitted.fix));
    return [{ written, pattern, stage, fitted }];
  }

  #bindFile(file: DeclaredFile): BoundFile {
    const stageName = file.node.split('/')[0] ?? '';
    findOutput(this.#stages, stageName, file.output, file.source);
    const [source] = this.#bindPattern({ text: file.node, place: file.source });
    if (!source) throw new Error(`stage ${stageName} was found, and its pattern was not bound`);
    return { file, source };
  }
}
