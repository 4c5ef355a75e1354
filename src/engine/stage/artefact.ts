/** Named tensors, as a safetensors file holds them. Arrays are row-major; `data` owns its buffer. */
export type Tensors = Readonly<Record<string, Tensor>>;

export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array | Uint16Array | Uint32Array;

/** The types that pipeline.yaml may give an output, with the file extension that each is written under. A file may be of any kind. */
export const ARTEFACT_EXTENSIONS = {
  bytes: 'bin',
  json: 'json',
  safetensors: 'safetensors',
  arrow: 'arrow',
  csv: 'csv',
  markdown: 'md',
  svg: 'svg',
  png: 'png',
  file: undefined,
  directory: undefined,
} as const;

export type ArtefactType = keyof typeof ARTEFACT_EXTENSIONS;

/** Stands for values that are paths. The engine moves the bytes, and they are never in memory as a whole. */
export interface PathCodec {
  readonly type: 'file' | 'directory';
  readonly isPath: true;
}

/** What a stage may declare for values of type T. */
export type AnyCodec<T> = Codec<T> | (string extends T ? PathCodec : never);

/** Encodes values of one artefact type and decodes them. Equal values must give equal bytes: early cutoff compares them. */
export interface Codec<T> {
  readonly type: Exclude<ArtefactType, PathCodec['type']>;
  /** True if `decode` neither changes `bytes` nor returns anything that shares their memory. Then nobody has to copy them first. */
  readonly independent?: true;
  /** The number of encoded bytes, if it is known before encoding. Throws like `encode`. */
  sizeOf?(value: T): number;
  /** @throws {TypeError} for a value that `decode` would not give back, with the place in the value */
  encode(value: T): Uint8Array | Promise<Uint8Array>;
  /** The value may keep `bytes`. They start at a multiple of 8 in their buffer, so that typed arrays can view them. Neither holds for an `independent` codec. */
  decode(bytes: Uint8Array): T | Promise<T>;
}

/** A codec that loads no further modules. */
export interface SynchronousCodec<T> extends Codec<T> {
  encode(value: T): Uint8Array;
  decode(bytes: Uint8Array): T;
}
