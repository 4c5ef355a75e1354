import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findCuda } from '../../../src/tensors/backends/cuda.ts';
import { projectOf } from './support/project.ts';

const CUDA = {
  'libcudart.so.11.0': 'libcudart.so.11.2.152',
  'libcublas.so.11': 'libcublas.so.11.4.1.1043',
  'libcublasLt.so.11': 'libcublasLt.so.11.4.1.1043',
  'libcufft.so.10': 'libcufft.so.10.4.1.152',
  'libcurand.so.10': 'libcurand.so.10.2.3.152',
  'libcusolver.so.11': 'libcusolver.so.11.1.0.152',
  'libcusparse.so.11': 'libcusparse.so.11.4.1.1152',
};
const CUDNN = { 'libcudnn.so.8': 'libcudnn.so.8.1.1' };

const driver = `NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024
GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)
`;
const gpu = (model: string) => `Model: \t\t ${model}\nIRQ:   \t\t 62\n`;

/** A machine with these GPUs: the driver's folder in /proc, and two folders of libraries. */
function machineWith(...models: string[]) {
  const root = projectOf({
    'proc/version': driver,
    ...Object.fromEntries(models.map((model, i) => [`proc/gpus/0000:0${i}:00.0/information`, gpu(model)])),
    ...Object.fromEntries(Object.values(CUDA).map((file) => [`cuda/${file}`, file])),
    ...Object.fromEntries(Object.values(CUDNN).map((file) => [`cudnn/${file}`, file])),
  });
  for (const [link, file] of Object.entries(CUDA)) symlinkSync(file, join(root, 'cuda', link));
  for (const [link, file] of Object.entries(CUDNN)) symlinkSync(file, join(root, 'cudnn', link));
  return {
    root,
    places: {
      driver: join(root, 'proc'),
      libraries: [join(root, 'nowhere'), join(root, 'cuda'), join(root, 'cudnn')],
      visibleDevices: undefined as string | undefined,
    },
  };
}

const libraries = [...Object.values(CUDA), ...Object.values(CUDNN)].join(' ');

describe('findCuda', () => {
  it('tells GPU, driver and the exact libraries', () => {
    const { places } = machineWith('NVIDIA A100-SXM4-40GB');
    expect(findCuda(places)).toEqual({
      kind: 'found',
      version: `NVIDIA A100-SXM4-40GB, driver 535.183.01, ${libraries}`,
    });
  });

  it('counts the choice of a GPU only where they differ', () => {
    const alike = machineWith('A100', 'A100').places;
    expect(findCuda({ ...alike, visibleDevices: '1' })).toEqual(findCuda(alike));
    const { places } = machineWith('T4', 'A100');
    expect(findCuda({ ...places, visibleDevices: '1' })).toMatchObject({
      version: `A100 + T4 (CUDA_VISIBLE_DEVICES=1), driver 535.183.01, ${libraries}`,
    });
  });

  it('has the versions of libraries from pip, whose files are not named by them', () => {
    const { places } = machineWith('A100');
    const site = projectOf({
      'nvidia/cudnn/lib/libcudnn.so.8': 'libcudnn.so.8',
      'nvidia_cudnn_cu11-8.9.6.50.dist-info/METADATA': '',
      'nvidia_cublas_cu11-11.11.3.6.dist-info/METADATA': '',
    });
    const found = findCuda({ ...places, libraries: [join(site, 'nvidia/cudnn/lib'), ...places.libraries] });
    expect(found).toMatchObject({ version: expect.stringMatching(/ libcudnn\.so\.8 \(8\.9\.6\.50\)$/) });
  });

  it('changes with a library', () => {
    const { root, places } = machineWith('A100');
    const before = findCuda(places);
    rmSync(join(root, 'cudnn/libcudnn.so.8'));
    renameSync(join(root, 'cudnn/libcudnn.so.8.1.1'), join(root, 'cudnn/libcudnn.so.8.9.7'));
    symlinkSync('libcudnn.so.8.9.7', join(root, 'cudnn/libcudnn.so.8'));
    expect(findCuda(places)).not.toEqual(before);
  });

  it.each([
    ['no driver', { driver: '/nowhere' }, /no NVIDIA driver/],
    ['no cuDNN', { libraries: ['cuda'] }, /^not found: libcudnn\.so\.8$/],
    ['every GPU hidden', { visibleDevices: '-1' }, /hides every GPU/],
    ['an empty choice', { visibleDevices: '' }, /hides every GPU/],
  ])('explains what is missing: %s', (_, change, reason) => {
    const { root, places } = machineWith('A100');
    const changed = { ...places, ...change };
    const found = findCuda({
      ...changed,
      libraries: changed.libraries.map((folder) => join('/', folder.startsWith('/') ? folder : join(root, folder))),
    });
    expect(found).toEqual({
      kind: 'missing',
      reason: expect.stringMatching(reason),
      fix: expect.stringMatching(/\w/),
    });
  });

  it('takes a dangling link for a missing library', () => {
    const { root, places } = machineWith('A100');
    rmSync(join(root, 'cuda/libcublas.so.11.4.1.1043'));
    expect(findCuda(places)).toMatchObject({ kind: 'missing', reason: 'not found: libcublas.so.11' });
  });
});
