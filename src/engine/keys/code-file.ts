import { hash } from 'node:crypto';

/** A file that a command finds in its folder. */
export interface CodeFile {
  /** Relative to the folder of the pipeline file, with `/`. */
  readonly path: string;
  readonly isExecutable: boolean;
  /** Text is kept as it is, so that changes can be shown. */
  readonly encoding: 'utf8' | 'base64';
  readonly content: string;
  /** Of a Python file that counts by its syntax. */
  readonly syntax?: SyntaxDigests;
  /** Why a Python file counts by its bytes. */
  readonly problem?: string;
}

/** Comments, layout and docstrings change none of them. */
export interface SyntaxDigests {
  readonly digest: string;
  /** By function and method; by class, without its methods; `<module>` is the rest. */
  readonly functions: Readonly<Record<string, string>>;
}

export function codeFile(path: string, isExecutable: boolean, bytes: Buffer): CodeFile {
  const text = bytes.toString('utf8');
  const isText = !text.includes('\0') && Buffer.from(text, 'utf8').equals(bytes);
  const [encoding, content] = isText ? (['utf8', text] as const) : (['base64', bytes.toString('base64')] as const);
  return { path, isExecutable, encoding, content };
}

export function bytesOf({ content, encoding }: CodeFile): Buffer {
  return Buffer.from(content, encoding);
}

/** SHA-256 of the file's bytes. */
export function codeDigest(file: CodeFile): string {
  return hash('sha256', bytesOf(file));
}
