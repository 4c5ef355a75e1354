import { type Diagnostic, renderDiagnostic } from './diagnostic.ts';

/**
 * The kind of a failure. It decides the exit code.
 * - `usage`: the command line, pipeline.yaml or a stage's declaration is wrong (2)
 * - `stage`: a stage ran and failed (1)
 * - `store`: the cache cannot be read or written (1)
 * - `environment`: the machine lacks something that was asked for (1)
 */
export type FailureKind = 'usage' | 'stage' | 'store' | 'environment';

/** A failure with an explanation: its diagnostics are shown, never a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly diagnostics: readonly Diagnostic[];

  constructor(kind: FailureKind, diagnostics: Diagnostic | readonly Diagnostic[], options?: ErrorOptions) {
    const list = Array.isArray(diagnostics) ? (diagnostics as readonly Diagnostic[]) : [diagnostics as Diagnostic];
    super(list.map(renderDiagnostic).join('\n'), options);
    this.kind = kind;
    this.diagnostics = list;
  }
}

/**
 * Tells a Failure by its shape. A stage's bundle holds a copy of this module, and the class of that copy differs
 * from the worker's.
 */
export function isFailure(error: unknown): error is Failure {
  return error instanceof Error && error.name === 'Failure' && Array.isArray((error as Partial<Failure>).diagnostics);
}
