import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const python = process.env.VMFDAG_TEST_PYTHON ?? 'python3';
const hasTorch = spawnSync(python, ['-c', 'import torch']).status === 0;

const { params } = parse(readFileSync('open-choices.yaml', 'utf8'), { merge: true }) as {
  params: { choices: Record<string, Record<string, string>> };
};

interface Built {
  readonly parameters: number;
  /** Of each choice at the same seed and images. */
  readonly logits: readonly number[][];
  /** The first layer's weights. */
  readonly stem: readonly number[];
}

const program = `
import json, sys, types
sys.path.insert(0, "stages/open-choices")
import torch
from network import build
images = torch.rand(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
found = {}
for name, choices in json.loads(sys.argv[1]).items():
    network = build(types.SimpleNamespace(**choices), 3)
    found[name] = {
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "logits": network(images).tolist(),
        "stem": network.stem.convolution.weight.flatten().tolist(),
    }
print(json.dumps(found))
`;

describe.skipIf(!hasTorch)('stages/open-choices', () => {
  const built = (): Record<string, Built> => {
    const { stdout, stderr } = spawnSync(python, ['-c', program, JSON.stringify(params.choices)], { encoding: 'utf8' });
    if (!stdout) throw new Error(stderr);
    return JSON.parse(stdout) as Record<string, Built>;
  };

  it('is cnn+res, with the choices where they make a difference', { timeout: 120_000 }, () => {
    const { reference, ...others } = built();
    if (!reference) throw new Error('no reference');
    // The d of cnn and cnn+res in pipeline.yaml. Option B adds 1 × 1 convolutions from 16 to 32 and from 32 to 64 channels.
    for (const [name, { parameters }] of Object.entries(others)) {
      expect([name, parameters]).toEqual([name, 171_568 + (name === 'shortcut-projection' ? 16 * 32 + 32 * 64 : 0)]);
    }
    expect(reference.parameters).toBe(171_568);
    const sameNetwork = ['summed-loss', 'last-minibatch-kept', 'validation-held-out', 'centred-pixels'];
    for (const [name, { logits }] of Object.entries(others)) {
      expect(logits.flat().every(Number.isFinite)).toBe(true);
      expect([name, JSON.stringify(logits) === JSON.stringify(reference.logits)]).toEqual([
        name,
        sameNetwork.includes(name),
      ]);
    }
  });

  it('draws from the range of Glorot and Bengio (2010), or with their variance', { timeout: 120_000 }, () => {
    const found = built();
    const variance = 2 / (3 * 3 * (3 + 16));
    const { reference, 'glorot-normal': normal } = found;
    const largest = Math.max(...(reference?.stem ?? []).map(Math.abs));
    expect(largest).toBeLessThanOrEqual(Math.sqrt(3 * variance));
    expect(largest).toBeGreaterThan(0.97 * Math.sqrt(3 * variance));
    const squares = (normal?.stem ?? []).map((weight) => weight ** 2);
    const mean = squares.reduce((sum, square) => sum + square, 0) / squares.length;
    // 432 weights: the variance's own deviation is √(2/432), 7 %.
    expect(mean / variance).toBeGreaterThan(0.75);
    expect(mean / variance).toBeLessThan(1.25);
  });
});
