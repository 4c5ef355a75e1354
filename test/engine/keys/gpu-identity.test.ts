import { describe, expect, it } from 'vitest';
import { gpusOfReport } from '../../../src/engine/keys/gpu-identity.ts';

/** As `nvidia-smi -q` prints it, cut. */
function report(driver: string, cuda: string, ...models: readonly string[]): string {
  const gpus = models.map(
    (model, index) => `GPU 00000000:0${index}:00.0
    Product Name                          : ${model}
    Product Brand                         : NVIDIA
    Product Architecture                  : Hopper
    VBIOS Version                         : 96.00.99.00.01
    GSP Firmware Version                  : ${driver}
    Clocks
        Graphics                          : 345 MHz
`,
  );
  return `
==============NVSMI LOG==============

Timestamp                                 : Sun Nov 29 11:00:00 2026
Driver Version                            : ${driver}
CUDA Version                              : ${cuda}

Attached GPUs                             : ${models.length}
${gpus.join('')}`;
}

describe('the GPUs of a report', () => {
  it('are their models, the driver and the version of CUDA', () => {
    expect(gpusOfReport(report('550.54.15', '12.4', 'NVIDIA H200'))).toBe('NVIDIA H200, driver 550.54.15, CUDA 12.4');
  });

  it('count once each, in any order', () => {
    const models = ['NVIDIA H200', 'NVIDIA A100-SXM4-80GB', 'NVIDIA H200'];
    const expected = 'NVIDIA A100-SXM4-80GB + NVIDIA H200, driver 550.54.15, CUDA 12.4';
    expect(gpusOfReport(report('550.54.15', '12.4', ...models))).toBe(expected);
    expect(gpusOfReport(report('550.54.15', '12.4', ...models.reverse()))).toBe(expected);
  });

  it('are not in a report without a GPU, or in another text', () => {
    expect(gpusOfReport(report('550.54.15', '12.4'))).toBe(undefined);
    expect(gpusOfReport('NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.')).toBe(
      undefined,
    );
  });
});
