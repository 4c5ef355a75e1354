import { bytesField, fieldsOf, numberField } from './protobuf.ts';

/** A file that an action made, as in the Remote Execution API (REAPI, build.bazel.remote.execution.v2). */
export interface OutputFile {
  readonly path: string;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
  /** The bytes themselves, if they are short. */
  readonly contents?: Uint8Array;
}

// Source of the numbers: remote_execution.proto of the Remote Execution API, version 2.
const OUTPUT_FILES = 2;
const EXECUTION_METADATA = 9;
const WORKER = 1;
const PATH = 1;
const DIGEST = 2;
const CONTENTS = 5;
const HASH = 1;
const SIZE_BYTES = 2;

/** The bytes of a REAPI ActionResult with these output files and exit code 0. Servers that validate entries find all blobs by it. */
export function encodeActionResult(files: readonly OutputFile[], worker: string): Uint8Array {
  return Buffer.concat([
    ...files.map((file) => bytesField(OUTPUT_FILES, encodeOutputFile(file))),
    // Without a worker's name, servers write one of their own.
    bytesField(EXECUTION_METADATA, bytesField(WORKER, worker)),
  ]);
}

function encodeOutputFile({ path, hash, bytes, contents }: OutputFile): Uint8Array {
  const size = bytes > 0 ? [numberField(SIZE_BYTES, bytes)] : [];
  const digest = Buffer.concat([bytesField(HASH, hash), ...size]);
  const inline = contents ? [bytesField(CONTENTS, contents)] : [];
  return Buffer.concat([bytesField(PATH, path), bytesField(DIGEST, digest), ...inline]);
}

/** The output files of an ActionResult. @throws {RangeError} for bytes that are none */
export function decodeActionResult(message: Uint8Array): readonly OutputFile[] {
  const files: OutputFile[] = [];
  for (const { tag, content } of fieldsOf(message)) {
    if (tag === OUTPUT_FILES && content instanceof Uint8Array) files.push(decodeOutputFile(content));
  }
  return files;
}

function decodeOutputFile(message: Uint8Array): OutputFile {
  const file: { path: string; hash: string; bytes: number; contents?: Uint8Array } = { path: '', hash: '', bytes: 0 };
  for (const { tag, content } of fieldsOf(message)) {
    if (typeof content === 'number') continue;
    if (tag === PATH) file.path = textOf(content);
    if (tag === CONTENTS) file.contents = content;
    if (tag !== DIGEST) continue;
    for (const { tag: part, content: value } of fieldsOf(content)) {
      if (part === HASH && typeof value !== 'number') file.hash = textOf(value);
      if (part === SIZE_BYTES && typeof value === 'number') file.bytes = value;
    }
  }
  return file;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8');
}
