// The long version of the fault suite of other machines:  node test/e2e/random/machines/run.mjs [--events 200] [--seed 1] [--minutes 60]
import { runLongVersion, someSeed } from '../../support/long-version.mjs';

runLongVersion('test/e2e/random/machines/machines.test.ts', {
  events: { variable: 'VMFDAG_MACHINES_EVENTS', default: '200' },
  seed: { variable: 'VMFDAG_MACHINES_SEED', default: someSeed() },
  minutes: { variable: 'VMFDAG_MACHINES_MINUTES', default: '60' },
  round: { variable: 'VMFDAG_MACHINES_ROUND', default: '0' },
});
