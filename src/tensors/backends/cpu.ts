import type { Availability } from './identity.ts';
import { installedVersion } from './installed.ts';

/**
 * TensorFlow.js's plain JavaScript kernels: always there, and slow. Their exp and log are V8's, so V8's version is part
 * of the identity. `@tensorflow/tfjs-backend-cpu` registers the backend when it is imported.
 */
export function cpuAvailability(fromDirectory: string): Availability {
  const tfjs = installedVersion('@tensorflow/tfjs-core', fromDirectory);
  if (tfjs === undefined) {
    return {
      kind: 'unavailable',
      reason: '@tensorflow/tfjs-core is not installed',
      fix: 'npm install @tensorflow/tfjs-core',
    };
  }
  const v8 = process.versions.v8.split('.').slice(0, 2).join('.');
  return { kind: 'available', version: `tfjs ${tfjs}, v8 ${v8}`, maximumThreads: 1 };
}
