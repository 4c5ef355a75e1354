/**
 * An error that says what this machine lacks, in the form that vmfdag shows without a stack trace. vmfdag knows such errors by their shape, so that this
 * package need not depend on it.
 */
export class EnvironmentFailure extends Error {
  override readonly name = 'Failure';
  readonly kind = 'environment';
  readonly diagnostics: readonly { readonly fact: string; readonly fix: string }[];

  constructor(fact: string, fix: string, options?: ErrorOptions) {
    super(`${fact}\n  fix: ${fix}`, options);
    this.diagnostics = [{ fact, fix }];
  }
}
