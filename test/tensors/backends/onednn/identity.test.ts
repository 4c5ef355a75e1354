import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OnednnBinding } from '../../../../src/tensors/backends/onednn/binding.ts';
import { addonFile, binding } from './native.ts';

type Description = ReturnType<OnednnBinding['describe']>;

function describeWith(environment: NodeJS.ProcessEnv, before = ''): Description & { readonly product: number } {
  // The sum of 64 products of 1 + 2⁻²⁰ with 1 is 64 where it is computed in bfloat16.
  const script = `
    ${before}
    const binding = require(process.argv[1]);
    const [m, n, k] = [64, 64, 64];
    const c = new Float32Array(m * n);
    binding.gemm(false, false, m, n, k, 1, new Float32Array(m * k).fill(1 + 2 ** -20), new Float32Array(k * n).fill(1), 0, c);
    console.log(JSON.stringify({ ...binding.describe(), product: c[0] }));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script, addonFile], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

/** Runs `visit` with a shared library made of some lines of C; not at all where there is no compiler. */
function withLibrary(source: string, visit: (library: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'vmfdag-isa-'));
  try {
    const library = join(folder, 'library.so');
    writeFileSync(join(folder, 'library.cpp'), `extern "C" { ${source} }\n`);
    const { status } = spawnSync('c++', ['-shared', '-fPIC', join(folder, 'library.cpp'), '-o', library]);
    if (status === 0) visit(library);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const preload = (library: string) => ({ LD_PRELOAD: [process.env.LD_PRELOAD, library].filter(Boolean).join(' ') });

describe.skipIf(binding === undefined)('what the addon says of the processor', () => {
  it.skipIf(process.arch !== 'x64')('follows the limit that oneDNN is given', () => {
    const [avx2, sse41] = ['AVX2', 'SSE41'].map((limit) => describeWith({ ONEDNN_MAX_CPU_ISA: limit }));
    expect(sse41).toMatchObject({
      instructionSet: 'sse41 0x1',
      ownInstructionSet: expect.stringMatching(/^none, loops /),
    });
    expect(avx2?.instructionSet).not.toBe(sse41?.instructionSet);
    expect(avx2?.ownInstructionSet).not.toBe(sse41?.ownInstructionSet);
  });

  it.skipIf(process.arch !== 'x64').each([
    // AMX of oneDNN 2, and numbers that no version knows.
    ['0x3e7', /0x3e7$/],
    ['0x7ff0001', /0x7ff0001$/],
    ['0x7ff0003', /0x7ff0003$/],
  ])('tells instruction sets apart that these headers may not know: %s', (number, expected) => {
    withLibrary(`int dnnl_get_effective_cpu_isa() { return ${number}; }`, (library) => {
      const script = 'console.log(require(process.argv[1]).describe().instructionSet)';
      const { stdout } = spawnSync(process.execPath, ['-e', script, addonFile], {
        encoding: 'utf8',
        env: { ...process.env, ...preload(library) },
      });
      expect(stdout.trim()).toMatch(expected);
    });
  });

  it.skipIf(process.arch !== 'x64')('includes a hint that makes oneDNN choose narrower vectors', () => {
    const { instructionSet } = describeWith({ ONEDNN_CPU_ISA_HINTS: 'PREFER_YMM' });
    expect(instructionSet).not.toBe(describeWith({}).instructionSet);
  });

  it('names the files of the libraries that are loaded', () => {
    const { libraryFile, mathematicsFile } = describeWith({});
    expect(libraryFile).toMatch(/dnnl/);
    if (process.platform === 'linux') expect(mathematicsFile).toMatch(/libm|libc/);
  });

  it.each(['BF16', 'F16', 'ANY'])('does not follow ONEDNN_DEFAULT_FPMATH_MODE: %s', (mode) => {
    const asEver = describeWith({});
    expect(asEver.product).toBeGreaterThan(64);
    expect(describeWith({ ONEDNN_DEFAULT_FPMATH_MODE: mode, DNNL_DEFAULT_FPMATH_MODE: mode })).toEqual(asEver);
  });

  it.skipIf(process.arch !== 'x64')('includes denormal numbers where a library of the process makes them zeros', () => {
    withLibrary(
      '__attribute__((constructor)) void flush() { __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040); }',
      (library) => {
        const script = `
          const binding = require(process.argv[1]);
          // By its bits: JavaScript makes it a zero too.
          const x = new Float32Array(new Uint32Array(64).fill(714).buffer);
          const y = new Float32Array(64);
          const halves = new Float32Array(64);
          binding.blend(0.5, x, 0, y, halves, 64);
          console.log(1e-310 / 2 === 0, new Uint32Array(halves.buffer)[0]);`;
        const { stdout } = spawnSync(process.execPath, ['-e', script, addonFile], {
          encoding: 'utf8',
          env: { ...process.env, ...preload(library) },
        });
        expect(stdout).toMatch(/^true 357\n$/);
      },
    );
  });
});
