import type { ComputeIdentity } from '../stage/stage.ts';

export function describeCompute({ backend, version, threads }: ComputeIdentity): string {
  return `${backend} ${version}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
