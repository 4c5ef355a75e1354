import { PbfReader, PbfWriter } from 'pbf';

/** A file that an action made, as in the Remote Execution API (REAPI, build.bazel.remote.execution.v2). */
export interface OutputFile {
  readonly path: string;
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  readonly bytes: number;
  /** The bytes themselves, if they are short. */
  readonly contents?: Uint8Array;
}

/**
 * The bytes of a REAPI ActionResult with these output files and exit code 0. Servers that validate entries find all blobs by it.
 * Source of the field numbers: remote_execution.proto of the Remote Execution API, version 2. Texts are written as bytes: pbf's own strings are
 * wrong beyond U+FFFF.
 */
export function encodeActionResult(files: readonly OutputFile[], worker: string): Uint8Array {
  const writer = new PbfWriter();
  for (const file of files) writer.writeMessage(2, writeOutputFile, file);
  // An empty ExecutedActionMetadata would make servers write their own.
  writer.writeMessage(9, (name: string, nested: PbfWriter) => nested.writeBytesField(1, Buffer.from(name)), worker);
  return writer.finish();
}

function writeOutputFile({ path, hash, bytes, contents }: OutputFile, writer: PbfWriter): void {
  writer.writeBytesField(1, Buffer.from(path));
  writer.writeMessage(
    2,
    (_: undefined, nested: PbfWriter) => {
      nested.writeStringField(1, hash);
      if (bytes > 0) nested.writeVarintField(2, bytes);
    },
    undefined,
  );
  if (contents) writer.writeBytesField(5, contents);
}

/** The output files of an ActionResult. @throws {Error} for bytes that are none */
export function decodeActionResult(bytes: Uint8Array): readonly OutputFile[] {
  const files: OutputFile[] = [];
  const reader = new PbfReader(bytes);
  reader.readFields((tag) => {
    if (tag === 2) files.push(readOutputFile(reader));
  }, undefined);
  if (reader.pos !== bytes.length) throw new RangeError('these bytes are no ActionResult');
  return files;
}

function readOutputFile(reader: PbfReader): OutputFile {
  const file: { path: string; hash: string; bytes: number; contents?: Uint8Array } = { path: '', hash: '', bytes: 0 };
  reader.readMessage((tag) => {
    if (tag === 1) file.path = Buffer.from(reader.readBytes()).toString();
    if (tag === 5) file.contents = reader.readBytes();
    if (tag !== 2) return;
    reader.readMessage((inner) => {
      if (inner === 1) file.hash = reader.readString();
      if (inner === 2) file.bytes = reader.readVarint();
    }, undefined);
  }, undefined);
  return file;
}
