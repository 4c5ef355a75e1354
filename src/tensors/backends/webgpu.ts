import type { BackendValues, DataType, KernelBackend } from '@tensorflow/tfjs-core';
import { catchEventCallback, processEventsWhile } from './dawn-events.ts';
import type { Availability, TensorFlow } from './identity.ts';
import { installedPackage, installedVersion } from './installed.ts';
import { askForAdapter } from './webgpu-adapter.ts';

const DAWN = 'webgpu';
const KERNELS = '@tensorflow/tfjs-backend-webgpu';

/** The powerful GPU where a machine has two. Probe and worker make the same request, or the key would be wrong. */
const ADAPTER_OPTIONS = /* @__PURE__ */ Object.freeze({ powerPreference: 'high-performance' });

/**
 * Any GPU, by Dawn, the implementation of WebGPU that Chromium has too. WGSL leaves the rounding of most functions, the
 * contraction of a·b + c and denormals to the driver, so GPU and driver are part of the identity.
 */
export function webgpuAvailability(fromDirectory: string): Availability {
  const tfjs = installedVersion('@tensorflow/tfjs-core', fromDirectory);
  const kernels = installedVersion(KERNELS, fromDirectory);
  const dawn = installedPackage(DAWN, fromDirectory);
  if (tfjs === undefined || kernels === undefined || dawn === undefined) {
    const missing = tfjs === undefined ? '@tensorflow/tfjs-core' : kernels === undefined ? KERNELS : DAWN;
    const versioned = `${KERNELS}${tfjs === undefined ? '' : `@${tfjs}`}`;
    return {
      kind: 'unavailable',
      reason: `${missing} is not installed`,
      fix: `npm install ${tfjs === undefined ? '@tensorflow/tfjs-core ' : ''}${DAWN} ${versioned} (it is used only when asked for by name)`,
    };
  }
  if (kernels !== tfjs) {
    return {
      kind: 'unavailable',
      reason: `${KERNELS} ${kernels} does not fit @tensorflow/tfjs ${tfjs}`,
      fix: `npm install ${KERNELS}@${tfjs}`,
    };
  }
  const asked = askForAdapter(dawn.directory, ADAPTER_OPTIONS);
  if (asked.kind === 'none') {
    return {
      kind: 'unavailable',
      reason: `no GPU answers${asked.detail === '' ? '' : ` (${asked.detail})`}`,
      fix: 'install a driver: on Linux Vulkan (apt-get install libvulkan1 mesa-vulkan-drivers, or the driver of the GPU’s vendor)',
    };
  }
  // Tensors of less than a thousand elements are computed by the cpu kernels, with V8's functions.
  const v8 = process.versions.v8.split('.').slice(0, 2).join('.');
  return {
    kind: 'available',
    version: `tfjs ${tfjs}, webgpu ${kernels}, dawn ${dawn.version}, ${asked.adapter}, v8 ${v8}`,
    maximumThreads: 1,
  };
}

/** Registers `webgpu` in the TensorFlow.js engine. */
export async function startWebgpu(tf: TensorFlow): Promise<void> {
  if (tf.findBackendFactory('webgpu')) return;
  // Names in variables: see backends.ts.
  const [dawn, kernels] = (await Promise.all([import(nameOf(DAWN)), import(nameOf(KERNELS))])) as [Dawn, Kernels];
  // The kernels read GPUBufferUsage and the like as globals.
  for (const [name, value] of Object.entries(dawn.globals)) {
    if (!(name in globalThis)) Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  const gpu = dawn.create([]);
  const found = catchEventCallback(() => gpu.requestAdapter(ADAPTER_OPTIONS));
  const adapter = await found.result;
  if (adapter === null) throw new Error('no GPU answers');
  const requested = catchEventCallback(() => adapter.requestDevice({ requiredLimits: limitsOf(adapter) }));
  const processEvents = requested.processEvents ?? found.processEvents;
  if (processEvents === undefined)
    throw new Error('this version of Dawn processes its events in a way that is not known');
  const device = await requested.result;
  const Backend = readableAtOnce(tf, kernels.WebGPUBackend, gpu, processEvents);
  tf.registerBackend('webgpu', () => withNavigator(gpu, () => new Backend(device, adapter.info)));
}

// The bundler resolves a literal, and fails where the package is not installed.
function nameOf(name: string): string {
  return name;
}

/** The limits that large models need; by default, a device has the lowest limits of the standard. */
function limitsOf({ limits }: Adapter): Readonly<Record<string, number>> {
  const names = [
    'maxBufferSize',
    'maxStorageBufferBindingSize',
    'maxComputeInvocationsPerWorkgroup',
    'maxComputeWorkgroupSizeX',
    'maxComputeWorkgroupStorageSize',
    'maxComputeWorkgroupsPerDimension',
  ];
  return Object.fromEntries(names.map((name) => [name, limits[name] as number]));
}

/** The kernels' backend takes `navigator.gpu` as the sign of a browser with WebGPU. Node 20 has no navigator, 21 has one. */
function withNavigator<T>(gpu: Gpu, run: () => T): T {
  const original = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return run();
  } finally {
    if (original) Object.defineProperty(globalThis, 'navigator', original);
    else Reflect.deleteProperty(globalThis, 'navigator');
  }
}

/**
 * The backend with a synchronous read that works without a browser: upstream's draws the bytes on a canvas. Here the wait
 * for the GPU processes Dawn's events itself.
 */
function readableAtOnce(
  tf: TensorFlow,
  WebGpuBackend: WebGpuBackendClass,
  gpu: Gpu,
  processEvents: () => void,
): WebGpuBackendClass {
  return class extends WebGpuBackend {
    /** Dawn's instance ends with the last reference to it. */
    protected readonly gpu = gpu;

    override readSync(dataId: object): BackendValues {
      const data = this.tensorMap.get(dataId);
      if (data.values != null || data.dtype === 'string' || data.dtype === 'complex64') return super.readSync(dataId);
      if (data.resource === undefined)
        throw new Error('a tensor that has neither values nor memory on the GPU was read');
      const bytes = this.#download(data.resource);
      // Cached, so that a second read costs nothing, as upstream does.
      const values = tf.util.convertBackendValuesAndArrayBuffer(bytes, data.dtype);
      data.values = values;
      return values;
    }

    #download(source: GpuBuffer): ArrayBuffer {
      const { COPY_DST, MAP_READ } = globalsOf().GPUBufferUsage;
      const { READ } = globalsOf().GPUMapMode;
      const staging = this.bufferManager.acquireBuffer(source.size, COPY_DST | MAP_READ);
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.commandEncoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
      this.submitQueue();
      let refusal: unknown;
      staging.mapAsync(READ).catch((error: unknown) => {
        refusal = error;
      });
      processEventsWhile(() => staging.mapState === 'pending', processEvents);
      if (staging.mapState !== 'mapped') throw new Error('the GPU gave nothing back', { cause: refusal });
      const bytes = staging.getMappedRange().slice(0);
      staging.unmap();
      this.bufferManager.releaseBuffer(staging);
      return bytes;
    }
  };
}

function globalsOf(): WebGpuGlobals {
  return globalThis as unknown as WebGpuGlobals;
}

// The used parts of WebGPU, of Dawn's module and of the kernels' backend class. Their own types are in packages that
// are not installed by default.

interface WebGpuGlobals {
  readonly GPUBufferUsage: { readonly COPY_DST: number; readonly MAP_READ: number };
  readonly GPUMapMode: { readonly READ: number };
}

interface Dawn {
  create(options: readonly string[]): Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}

interface Gpu {
  requestAdapter(options: object): Promise<Adapter | null>;
}

interface Adapter {
  readonly info: object;
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: object): Promise<object>;
}

interface GpuBuffer {
  readonly size: number;
  readonly mapState: 'unmapped' | 'pending' | 'mapped';
  mapAsync(mode: number): Promise<void>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}

interface Kernels {
  readonly WebGPUBackend: WebGpuBackendClass;
}

type WebGpuBackendClass = new (device: object, adapterInfo: object) => WebGpuBackend;

interface WebGpuBackend extends KernelBackend {
  readonly tensorMap: {
    get(dataId: object): { values?: BackendValues | null; readonly dtype: DataType; readonly resource?: GpuBuffer };
  };
  readonly bufferManager: {
    acquireBuffer(size: number, usage: number): GpuBuffer;
    releaseBuffer(buffer: GpuBuffer): void;
  };
  readonly commandEncoder: {
    copyBufferToBuffer(source: GpuBuffer, from: number, target: GpuBuffer, to: number, bytes: number): void;
  };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  readSync(dataId: object): BackendValues;
}
