// The long version of the damage suite:  node test/e2e/random/damage/run.mjs [--changes 600] [--seed 1]
import { runLongVersion, someSeed } from '../../support/long-version.mjs';

runLongVersion('test/e2e/random/damage/damage.test.ts', {
  changes: { variable: 'VMFDAG_DAMAGE_CHANGES', default: '600' },
  seed: { variable: 'VMFDAG_DAMAGE_SEED', default: someSeed() },
});
