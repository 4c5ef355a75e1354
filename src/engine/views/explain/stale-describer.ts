import type { CodeFingerprint } from '../../base/digest.ts';
import { describeReason } from '../../staleness/describe-reason.ts';
import type { Store } from '../../store/store.ts';
import { type CodeChanges, codeChanges, describeCodeChanges } from '../code/code-changes.ts';
import type { CauseStep } from './root-cause.ts';

/** Says why nodes run, with what changed in their code; each pair of fingerprints is compared once. */
export class StaleDescriber {
  private readonly store: Store;
  private readonly compared = new Map<string, Promise<CodeChanges>>();

  constructor(store: Store) {
    this.store = store;
  }

  async describe(reason: CauseStep['reason']): Promise<string> {
    switch (reason.rule) {
      case 'code':
        return `code changed: ${describeCodeChanges(await this.code(reason))}`;
      case 'not known':
        return 'how it was made before is not kept (it was forced, or its record removed)';
      case 'other bytes':
        return 'the same code, params and inputs gave other bytes';
      default:
        return describeReason(reason);
    }
  }

  code({ old, new: now }: { readonly old: CodeFingerprint; readonly new: CodeFingerprint }): Promise<CodeChanges> {
    const name = `${old}${now}`;
    const known = this.compared.get(name) ?? codeChanges(this.store.bundles, old, now);
    this.compared.set(name, known);
    return known;
  }
}
