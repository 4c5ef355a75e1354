import type { TensorFlow } from '../tensorflow.ts';
import type { Matrices } from './matrices.ts';
import { PortableMatrices } from './portable-matrices.ts';

/** A backend with linear algebra of its own. */
interface MatrixBackend {
  readonly matrices: Matrices;
}

function isMatrixBackend(backend: object): backend is MatrixBackend {
  return 'matrices' in backend;
}

export function matricesOf(tf: TensorFlow): Matrices {
  const backend: object = tf.backend();
  return isMatrixBackend(backend) ? backend.matrices : new PortableMatrices(tf);
}
