import { Failure, type Tensors } from 'vmfdag';

/** The temperature at the inner points, out of an artefact. */
export function field({ u }: Tensors): Float64Array {
  if (!(u?.data instanceof Float64Array))
    throw new Failure('stage', { fact: 'there is no float64 tensor "u" in the input' });
  return u.data;
}
