import { spawnSync } from 'node:child_process';
import type { ProgramLine } from './program-line.ts';

/** A first installation downloads packages. */
const LIMIT_MS = 30 * 60 * 1000;

const OUTPUT_LIMIT = 16 * 1024 * 1024;

/** Why there is no answer. */
export type NoAnswer =
  | { readonly kind: 'missing'; readonly program: string }
  | { readonly kind: 'failed'; readonly program: string; readonly message: string };

/** Runs a program of an environment's tool to its end. */
export function runTool(
  { program, arguments: rest }: ProgramLine,
  folder: string,
  {
    input = '',
    variables = {},
  }: { readonly input?: string; readonly variables?: Readonly<Record<string, string>> } = {},
): { readonly stdout: string } | NoAnswer {
  const { error, status, signal, stdout, stderr } = spawnSync(program, rest, {
    cwd: folder,
    input,
    encoding: 'utf8',
    env: { ...process.env, ...variables },
    timeout: LIMIT_MS,
    maxBuffer: OUTPUT_LIMIT,
  });
  if (error && 'code' in error && error.code === 'ENOENT') return { kind: 'missing', program };
  if (status === 0) return { stdout };
  const message = stderr?.trim() || error?.message || `it ended with ${signal ?? `exit code ${status}`}`;
  return { kind: 'failed', program, message };
}
