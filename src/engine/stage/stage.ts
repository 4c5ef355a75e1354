import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { AnyCodec, Codec, PathCodec } from './artefact.ts';

export type Coordinate = string | number | boolean;
export type Coordinates = Readonly<Record<string, Coordinate>>;

/** One item of an input that gathers several nodes. */
export interface Gathered<T> {
  readonly coordinates: Coordinates;
  readonly value: T;
}

export interface OneInput<T> {
  readonly kind: 'one';
  readonly codec: AnyCodec<T>;
}

export interface ManyInput<T> {
  readonly kind: 'many';
  readonly codec: AnyCodec<T>;
}

/** An input that pipeline.yaml binds to the output of one node. */
export function one(codec: PathCodec): OneInput<string>;
export function one<T>(codec: Codec<T>): OneInput<T>;
export function one<T>(codec: AnyCodec<T>): OneInput<T> {
  return { kind: 'one', codec };
}

/** An input that pipeline.yaml binds to the same output of several nodes (`[seed=*]`), in the plan's order. */
export function many(codec: PathCodec): ManyInput<string>;
export function many<T>(codec: Codec<T>): ManyInput<T>;
export function many<T>(codec: AnyCodec<T>): ManyInput<T> {
  return { kind: 'many', codec };
}

type InputDeclarations = Readonly<Record<string, OneInput<unknown> | ManyInput<unknown>>>;
type OutputDeclarations = Readonly<Record<string, AnyCodec<unknown>>>;

type InputValues<Inputs extends InputDeclarations> = {
  readonly [Name in keyof Inputs]: Inputs[Name] extends OneInput<infer T>
    ? T
    : Inputs[Name] extends ManyInput<infer T>
      ? readonly Gathered<T>[]
      : never;
};

type OutputValues<Outputs extends OutputDeclarations> = {
  readonly [Name in keyof Outputs]: Outputs[Name] extends PathCodec
    ? string
    : Outputs[Name] extends Codec<infer T>
      ? T
      : never;
};

/** With what a stage computes: part of the keys of stages that ask for it by `compute: true`. */
export interface ComputeIdentity {
  /** Name of the TensorFlow.js backend, for example `wasm`. */
  readonly backend: string;
  /** Version, instruction set and, for native code, the digest of what is loaded: all that can change a bit of a result. */
  readonly version: string;
  readonly threads: number;
}

/** All that a stage can see. What is not here is not in the node's key, and must not be read. */
export interface StageContext<Params, Inputs> {
  /** The params that pipeline.yaml passes, checked and frozen. */
  readonly params: Params;
  readonly coordinates: Coordinates;
  readonly inputs: Inputs;
  /** @throws {Failure} in a stage that does not say `compute: true` in pipeline.yaml. */
  readonly compute: ComputeIdentity;
  /**
   * An empty folder for the files of this node, removed when the node ends. Its path differs each time: do not write it into an output. Outputs of the types
   * `file` and `directory` are written below it.
   */
  readonly scratch: string;
  /** Adds a line to the node's log, which is kept with its record. */
  log(message: string): void;
  /** Tells the progress display how far the node is, from 0 to 1. Cheap enough to call once a minibatch. */
  progress(fraction: number): void;
  /**
   * Reports a value of a metric: a loss, an accuracy. Without `step`, it is how many values of this metric came before. The values are shown while the node
   * runs, and are kept with its record; a long series is thinned. They are in no key and no output. A value may be NaN or infinite. Cheap enough to
   * call once a minibatch, and never an error: what is no metric is left out, with a line in the log.
   */
  metric(name: string, value: number, step?: number): void;
}

/** What a stage module exports, made by {@link defineStage}. */
export interface StageDefinition<
  Schema extends StandardSchemaV1 = StandardSchemaV1,
  Inputs extends InputDeclarations = InputDeclarations,
  Outputs extends OutputDeclarations = OutputDeclarations,
> {
  /** Checks the params that pipeline.yaml passes; any Standard Schema library will do (valibot, zod, …). */
  readonly params: Schema;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
  run(
    context: StageContext<StandardSchemaV1.InferOutput<Schema>, InputValues<Inputs>>,
  ): OutputValues<Outputs> | Promise<OutputValues<Outputs>>;
}

/**
 * Declares a stage: the types of what goes in and comes out, and the function between. A stage must be a pure function
 * of its context: no clock, no `Math.random`, no files or network but what its purpose is (a download checks digests). A node whose
 * stage opens a file of the project fails, unless the pipeline file says `undeclared: ignore`.
 */
export function defineStage<
  Schema extends StandardSchemaV1,
  const Inputs extends InputDeclarations,
  const Outputs extends OutputDeclarations,
>(definition: StageDefinition<Schema, Inputs, Outputs>): StageDefinition<Schema, Inputs, Outputs> {
  return definition;
}
