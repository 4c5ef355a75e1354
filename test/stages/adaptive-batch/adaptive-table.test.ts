import { describe, expect, it } from 'vitest';
import adaptiveTable from '../../../stages/adaptive-batch/adaptive-table.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';

describe('the adaptive-table stage', () => {
  const at = (rule: string, seed: number, epoch: number) => ({ architecture: 'fnn', rule, seed, epoch });
  const training = (rule: string, seed: number, epoch: number, batchSize: number, steps: number) => ({
    coordinates: at(rule, seed, epoch),
    value: {
      ...{ epoch, batchSize, steps, examples: 100 * epoch, trainingLoss: 1 },
      ...{ kappa: 10, noiseFloor: 5, noiseScale: null },
    },
  });
  const validation = (rule: string, seed: number, epoch: number, loss: number) => ({
    coordinates: at(rule, seed, epoch),
    value: { examples: 50, loss, accuracy: 0.5 },
  });

  it('says what a rule needs for the loss that the reference reached with the same seed', () => {
    const { markdown, csv } = adaptiveTable.run(
      contextWithoutCompute(
        { reference: 'fixed 8', tolerance: 0.02 },
        {
          training: [1, 2].flatMap((seed) => [
            ...[training('fixed 8', seed, 1, 8, 12), training('fixed 8', seed, 2, 8, 24)],
            ...[training('κ̂', seed, 1, 8, 12), training('κ̂', seed, 2, 16, 18)],
            ...[training('never', seed, 1, 8, 12), training('never', seed, 2, 8, 24)],
          ]),
          validation: [1, 2].flatMap((seed) => [
            ...[validation('fixed 8', seed, 1, seed + 1), validation('fixed 8', seed, 2, seed)],
            ...[validation('κ̂', seed, 1, 1.01 * seed), validation('κ̂', seed, 2, 0.9 * seed)],
            ...[validation('never', seed, 1, 9), validation('never', seed, 2, seed === 1 ? 1 : 9)],
          ]),
        },
      ),
    ) as { markdown: string; csv: string };
    const rows = markdown.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
    const rowOf = (rule: string) => rows.find((cells) => cells[2] === rule)?.slice(3, 9);
    expect(rowOf('fixed 8')).toEqual(['1.5000 ± 0.7071', '50.00 ± 0.00', '24 ± 0', '8 ± 0', '200 ± 0', '24 ± 0']);
    expect(rowOf('κ̂')).toEqual(['1.3500 ± 0.6364', '50.00 ± 0.00', '18 ± 0', '16 ± 0', '100 ± 0', '12 ± 0']);
    expect(rowOf('never')?.slice(4)).toEqual(['1 of 2 runs', '–']);
    expect(csv.trimEnd().split('\n')).toHaveLength(13);
  });
});
