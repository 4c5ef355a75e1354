/**
 * Registers the backend `onednn` in TensorFlow.js: `import 'tfjs-backend-onednn'`, then `await tf.setBackend('onednn')`.
 *
 * Throws where the native addon is not built; the message says how to build it.
 */

import { availableParallelism } from 'node:os';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { packageDirectory } from './backends/native-build.ts';
import { onednnAvailability, startOnednn } from './backends/onednn.ts';
import { EnvironmentFailure } from './environment-failure.ts';

export type { ComputeIdentity, TensorFlow } from './backends/identity.ts';
export { loadTensorFlow } from './backends/load.ts';

const found = onednnAvailability(packageDirectory());
if (found.kind === 'unavailable')
  throw new EnvironmentFailure(`the backend onednn is not available: ${found.reason}`, found.fix);
await startOnednn(tf, {
  backend: 'onednn',
  version: found.version,
  threads: Math.min(found.maximumThreads, availableParallelism()),
});
