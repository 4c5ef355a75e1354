import { setFlagsFromString } from 'node:v8';

/** So many bytes of its code a function executes before V8 optimizes it. The first is V8's own choice, in Node 20. */
const BUDGETS = { soon: 66 * 1024, late: 1200 * 1024 };

/** Optimizing takes longer than it saves in what has fewer jobs. */
export const FEW_JOBS = 1000;

let present: keyof typeof BUDGETS = 'soon';

/**
 * Lets V8 optimize functions as soon as it does on its own, or later: most commands, and most runs, end before the work on that has paid. Call it when the
 * program is loaded, since V8 refuses code caches under other flags.
 */
export function optimize(when: keyof typeof BUDGETS): void {
  if (when === present) return;
  present = when;
  setFlagsFromString(`--interrupt-budget=${BUDGETS[when]}`);
}
