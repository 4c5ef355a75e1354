import { Failure } from '../../engine/base/failure.ts';
import { canonicalFiles, type Dataset } from './dataset.ts';
import type { CanonicalContent } from './labelled-images.ts';
import { maskAddresses } from './masked-addresses.ts';
import type { Source, SourceContent, SourceListener } from './sources/source.ts';
import { verifyPinned } from './verification.ts';

export interface Obtained {
  /** All canonical files, each verified against its digest. */
  readonly content: CanonicalContent;
  /** Name of the source that served them. */
  readonly source: string;
  /** The sources before it, each with the reason why it did not provide them. */
  readonly passedOver: readonly string[];
}

/**
 * Gets a data set's official files from the first source that has them all.
 *
 * @throws {Failure} `environment`: at once if a source that the user named is at fault, else when no source is left, with
 * the reason of each.
 */
export async function obtainFiles(
  dataset: Dataset,
  sources: readonly Source[],
  listener: SourceListener,
): Promise<Obtained> {
  const passedOver: string[] = [];
  for (const source of sources) {
    try {
      const found = await source.read(dataset, listener);
      if (found.kind === 'files') {
        return { content: verifiedContent(dataset, found.files, source), source: source.name, passedOver };
      }
      passedOver.push(`${source.name}: ${found.reason}`);
    } catch (error) {
      if (source.fault === 'fatal') {
        throw new Failure(
          'environment',
          { fact: reasonOf(error), fix: fixOf(error) ?? `get it again; ${folderAdvice(dataset)}` },
          { cause: error },
        );
      }
      passedOver.push(`${source.name}: ${reasonOf(error)}`);
    }
  }
  const tried = passedOver.map((reason) => `\n  - ${reason}`).join('');
  throw new Failure('environment', {
    fact: `no source has the official files of ${dataset.title}; tried:${tried}`,
    fix: `get them on another machine and pass \`--set data.directory=PATH\`: ${folderAdvice(dataset)}`,
  });
}

function verifiedContent(
  dataset: Dataset,
  files: Extract<SourceContent, { kind: 'files' }>['files'],
  source: Source,
): CanonicalContent {
  const content = new Map<string, Uint8Array>();
  for (const file of canonicalFiles(dataset)) {
    const found = files.get(file.name);
    if (!found) throw new Failure('environment', { fact: `${source.name} gave no ${file.name}` });
    verifyPinned(file, found.bytes, found.place);
    content.set(file.name, found.bytes);
  }
  return content;
}

function folderAdvice(dataset: Dataset): string {
  const names = canonicalFiles(dataset).map(({ name }) => name);
  const archive = dataset.archive ? `, or ${dataset.archive.name} as it is` : '';
  return `a folder should hold ${names.join(', ')} (each raw or as .gz)${archive}`;
}

function fixOf(error: unknown): string | undefined {
  return error instanceof Failure ? error.diagnostics.find(({ fix }) => fix !== undefined)?.fix : undefined;
}

const REASON_LIMIT = 500;

/**
 * An explained fact, or the message of an error with its causes (`fetch failed` alone says nothing), on one line. It is kept in records and logs. So it
 * contains no password of an address, and not everything that a server may have sent.
 */
function reasonOf(error: unknown): string {
  const reason = maskAddresses(messagesOf(error).join(': ')).replace(/\s*\n\s*/g, ' ');
  return reason.length > REASON_LIMIT ? `${reason.slice(0, REASON_LIMIT)}…` : reason;
}

function messagesOf(error: unknown): string[] {
  if (error instanceof Failure) return error.diagnostics.map(({ fact }) => fact);
  if (!(error instanceof Error)) return [String(error)];
  // Each address of a host name fails on its own.
  const behind: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  const messages = [error.message, ...behind.flatMap((cause) => (cause === undefined ? [] : messagesOf(cause)))];
  return [...new Set(messages)].filter(Boolean);
}
