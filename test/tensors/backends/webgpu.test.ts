import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listBackends, resolveCompute } from '../../../src/tensors/backends/available.ts';
import { webgpuAvailability } from '../../../src/tensors/backends/webgpu.ts';
import { manifest, projectOf, tfjsVersion } from './support/project.ts';

const KERNELS = '@tensorflow/tfjs-backend-webgpu';

/** A project with both packages, whose Dawn runs this. */
function projectWith(dawn: string, kernelsVersion = tfjsVersion): string {
  return projectOf({
    ...manifest('@tensorflow/tfjs-core', tfjsVersion),
    ...manifest(KERNELS, kernelsVersion),
    ...manifest('webgpu', '0.6.2', { type: 'module' }),
    'node_modules/webgpu/index.js': dawn,
  });
}

const adapter = "{ info: { vendor: 'acme', architecture: '', device: 'Anvil 9', description: 'driver 1.2' } }";
const dawnThat = (answers: string) => `export const create = () => ({ requestAdapter: async () => (${answers}) });`;

describe('whether webgpu is available', () => {
  it('names what is not installed, and both packages to install', () => {
    const project = projectOf(manifest('@tensorflow/tfjs-core', tfjsVersion));
    expect(webgpuAvailability(project)).toEqual({
      kind: 'unavailable',
      reason: `${KERNELS} is not installed`,
      fix: expect.stringContaining(`npm install webgpu ${KERNELS}@${tfjsVersion}`),
    });
  });

  it('requires the kernels of the installed TensorFlow.js', () => {
    expect(webgpuAvailability(projectWith(dawnThat(adapter), '4.1.0'))).toEqual({
      kind: 'unavailable',
      reason: `${KERNELS} 4.1.0 does not fit @tensorflow/tfjs ${tfjsVersion}`,
      fix: `npm install ${KERNELS}@${tfjsVersion}`,
    });
  });

  it('holds GPU and driver in its version, and is taken only by name', () => {
    const project = projectWith(dawnThat(adapter));
    const [major, minor] = process.versions.v8.split('.');
    const version = `tfjs ${tfjsVersion}, webgpu ${tfjsVersion}, dawn 0.6.2, acme Anvil 9 driver 1.2, v8 ${major}.${minor}`;
    expect(webgpuAvailability(project)).toEqual({ kind: 'available', version, maximumThreads: 1 });
    expect(resolveCompute({ backend: 'webgpu', threads: 4 }, project)).toEqual({
      kind: 'identified',
      identity: { backend: 'webgpu', version, threads: 1 },
    });
    const automatic = resolveCompute({ backend: 'auto', threads: 1 }, project);
    expect(automatic.kind === 'identified' && automatic.identity.backend).not.toBe('webgpu');
    expect(listBackends(project).at(-1)).toMatchObject({ name: 'webgpu', kind: 'available' });
  });

  it.each([
    ['there is no GPU', dawnThat('null'), /^no GPU answers$/],
    [
      'the loader says why',
      `console.error("Warning: Couldn't load Vulkan");${dawnThat('null')}`,
      /^no GPU answers \(Couldn't load Vulkan\)$/,
    ],
    ['Dawn has no binary for this machine', "throw new Error('no dawn.node');", /^no GPU answers \(no dawn\.node\)$/],
    ['the driver crashes', "process.kill(process.pid, 'SIGSEGV');await new Promise(() => {});", /crashed with SIGSEGV/],
  ])('says that no GPU answers where %s', (_, dawn, reason) => {
    expect(webgpuAvailability(projectWith(dawn))).toEqual({
      kind: 'unavailable',
      reason: expect.stringMatching(reason),
      fix: expect.stringContaining('Vulkan'),
    });
  });
});

/** The folder whose node_modules hold the packages, where they are not the project's own. */
const packages = process.env.VMFDAG_WEBGPU_PACKAGES ?? process.cwd();
/** Debian's chromium brings a Vulkan driver that computes on the processor, with its loader. */
const swiftShader = '/usr/lib/chromium/vk_swiftshader_icd.json';
const runtimeDirectory = mkdtempSync(join(tmpdir(), 'vmfdag-xdg-'));

function availabilityWith(environment: NodeJS.ProcessEnv) {
  const saved = { ...process.env };
  try {
    Object.assign(process.env, environment);
    return webgpuAvailability(packages);
  } finally {
    process.env = saved;
  }
}

/** The environment in which there is a GPU, or why there is none. */
function findGpu(): { readonly environment: NodeJS.ProcessEnv } | { readonly reason: string } {
  const own = availabilityWith({});
  if (own.kind === 'available') return { environment: {} };
  if (!own.reason.startsWith('no GPU')) return { reason: own.reason };
  if (!existsSync(swiftShader)) return { reason: `${own.reason}, and there is no ${swiftShader}` };
  const environment = {
    VK_ICD_FILENAMES: swiftShader,
    XDG_RUNTIME_DIR: runtimeDirectory,
    LD_LIBRARY_PATH: [dirname(swiftShader), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter),
  };
  const software = availabilityWith(environment);
  return software.kind === 'available' ? { environment } : { reason: `SwiftShader: ${software.reason}` };
}

const gpu = findGpu();
afterAll(() => rmSync(runtimeDirectory, { recursive: true, force: true }));

describe.skipIf('reason' in gpu)(`webgpu on a GPU${'reason' in gpu ? ` [skipped: ${gpu.reason}]` : ''}`, () => {
  let report: {
    distances: Record<string, number>;
    distanceOfRepetition: number;
    reads: object;
    hasNavigator: boolean;
  };
  const directory = join(packages, 'node_modules/.cache/vmfdag-test', String(process.pid));

  beforeAll(async () => {
    const file = join(directory, 'cases.mjs');
    await build({
      entryPoints: ['test/tensors/backends/support/webgpu-cases.ts'],
      bundle: true,
      external: ['@tensorflow/*', 'esbuild'],
      platform: 'node',
      format: 'esm',
      outfile: file,
    });
    const environment = 'environment' in gpu ? gpu.environment : {};
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], {
      encoding: 'utf8',
      env: { ...process.env, ...environment },
    });
    expect(`${status} ${stderr}`).toBe('0 ');
    report = JSON.parse(stdout);
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('computes what cpu computes: kernels, gradients, and a training step of every model', () => {
    expect(Object.keys(report.distances).length).toBeGreaterThan(10);
    for (const [name, distance] of Object.entries(report.distances)) {
      expect(distance, name).toBeLessThan(1e-5);
    }
  });

  it('computes the same again', () => expect(report.distanceOfRepetition).toBe(0));

  it('reads at once, also while another read is outstanding', () => {
    expect(report.reads).toEqual({ atOnce: [50], outstanding: [2500] });
  });

  it('leaves no sign of a browser behind', () => expect(report.hasNavigator).toBe(false));
});
