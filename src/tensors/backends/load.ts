import { EnvironmentFailure } from '../environment-failure.ts';
import type { ComputeIdentity, TensorFlow } from './identity.ts';
import { startOnednn } from './onednn.ts';
import { startTfjsNode } from './tfjs-node.ts';
import { registerWasm } from './wasm.ts';
import { startWebgpu } from './webgpu.ts';

type Register = (tf: TensorFlow, identity: ComputeIdentity) => Promise<void>;

/** How each backend of backends.ts is registered in the TensorFlow.js engine; `cpu` comes with the package itself. */
const registrations: Readonly<Record<string, Register>> = {
  'tfjs-node-gpu': startTfjsNode,
  onednn: startOnednn,
  'tfjs-node': startTfjsNode,
  wasm: registerWasm,
  cpu: async () => {},
  webgpu: startWebgpu,
};

/**
 * TensorFlow.js with the backend of `identity` set, ready for synchronous use.
 *
 * Stages are bundled one by one, so each has its own copy of this module, but all that run in one process share the
 * package and its engine. So the engine is asked what was loaded before; this module does not remember it.
 *
 * @throws {EnvironmentFailure} when the backend is unknown or does not start
 */
export async function loadTensorFlow(identity: ComputeIdentity): Promise<TensorFlow> {
  const [tf] = await Promise.all([import('@tensorflow/tfjs-core'), import('@tensorflow/tfjs-backend-cpu')]);
  if (tf.getBackend() === identity.backend) return tf;
  // Also suppresses the banner that recommends tfjs-node. It switches off only checks; no result depends on it.
  tf.enableProdMode();
  const register = registrations[identity.backend];
  if (register === undefined) throw cannotStart(identity, 'this version does not know it');
  try {
    await register(tf, identity);
    if (await tf.setBackend(identity.backend)) return tf;
  } catch (error) {
    throw cannotStart(identity, error instanceof Error ? error.message : String(error), error);
  }
  throw cannotStart(identity, 'its initialisation failed');
}

function cannotStart({ backend, version }: ComputeIdentity, reason: string, cause?: unknown): EnvironmentFailure {
  return new EnvironmentFailure(
    `the backend "${backend}" (${version}) does not start: ${reason}`,
    'choose another one, for example --set compute.backend=wasm',
    { cause },
  );
}
