// The long version of the random edits:  node test/e2e/random/edits/run.mjs [--edits 500] [--seed 1]
import { runLongVersion, someSeed } from '../../support/long-version.mjs';

runLongVersion('test/e2e/random/edits/', {
  edits: { variable: 'VMFDAG_EDITS', default: '500' },
  seed: { variable: 'VMFDAG_EDITS_SEED', default: someSeed() },
});
