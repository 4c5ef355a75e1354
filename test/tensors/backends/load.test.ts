import { afterEach, describe, expect, it, vi } from 'vitest';
import { listBackends, resolveCompute } from '../../../src/tensors/backends/available.ts';
import { loadTensorFlow } from '../../../src/tensors/backends/load.ts';

const available = listBackends(process.cwd())
  .filter(({ kind }) => kind === 'available')
  .map(({ name }) => name);
function identity(backend: string) {
  const found = resolveCompute({ backend, threads: 1 }, process.cwd());
  return found.kind === 'refused' ? { backend, version: 'of a test', threads: 1 } : found.identity;
}

afterEach(() => vi.restoreAllMocks());

describe('loadTensorFlow', () => {
  it.each([...available, ...available])('sets %s, whatever was set before, without advertising', async (backend) => {
    const spoken = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'log')];
    const tf = await loadTensorFlow(identity(backend));
    expect(tf.getBackend()).toBe(backend);
    const product = tf.tidy(() => [...tf.matMul(tf.tensor2d([[1, 2]]), tf.tensor2d([[3], [4]])).dataSync()]);
    expect(product).toEqual([11]);
    for (const channel of spoken) expect(channel).not.toHaveBeenCalled();
  });

  it('leaves a backend that is set as it is, so that tensors of another bundle of the same process stay valid', async () => {
    const tf = await loadTensorFlow(identity('wasm'));
    const tensor = tf.tensor1d([1, 2, 3]);
    vi.resetModules();
    const copy = await import('../../../src/tensors/backends/load.ts');
    expect(copy.loadTensorFlow).not.toBe(loadTensorFlow);
    const again = await copy.loadTensorFlow(identity('wasm'));
    expect([...again.add(tensor, 1).dataSync()]).toEqual([2, 3, 4]);
    tensor.dispose();
  });

  it.skipIf(!available.includes('onednn'))('refuses to compute with other code than the keys name', async () => {
    const { version, ...rest } = identity('onednn');
    await loadTensorFlow(identity('cpu'));
    for (const other of [version.replace(/oneDNN [\d.]+/, 'oneDNN 9.9.9'), version.replace(', own ', ' 0x7ff, own ')]) {
      expect(other).not.toBe(version);
      await expect(loadTensorFlow({ ...rest, version: other })).rejects.toThrow(
        /does not start: here it would compute with/,
      );
    }
    expect((await loadTensorFlow({ ...rest, version })).getBackend()).toBe('onednn');
  });

  it('explains a backend that it does not know', async () => {
    await expect(loadTensorFlow(identity('abacus'))).rejects.toMatchObject({ kind: 'environment' });
    await expect(loadTensorFlow(identity('abacus'))).rejects.toThrow(/"abacus"[\s\S]*fix:/);
  });
});
