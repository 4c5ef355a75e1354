import { backendWith } from '../capabilities.ts';
import type { TensorFlow } from '../tensorflow.ts';
import type { Matrices } from './matrices.ts';
import { PortableMatrices } from './portable-matrices.ts';

/** The backend's own linear algebra where it has some. */
export function matricesOf(tf: TensorFlow): Matrices {
  return backendWith(tf, 'matrices')?.matrices ?? new PortableMatrices(tf);
}
