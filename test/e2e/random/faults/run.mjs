// The long version of the fault suite:  node test/e2e/random/faults/run.mjs [--kills 500] [--seed 1] [--lanes 2]
import { runLongVersion, someSeed } from '../../support/long-version.mjs';

runLongVersion('test/e2e/random/faults/faults.test.ts', {
  kills: { variable: 'VMFDAG_FAULT_KILLS', default: '500' },
  seed: { variable: 'VMFDAG_FAULT_SEED', default: someSeed() },
  lanes: { variable: 'VMFDAG_FAULT_LANES', default: '2' },
});
