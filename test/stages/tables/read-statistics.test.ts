import { describe, expect, it } from 'vitest';
import readStatistics from '../../../stages/tables/read-statistics.ts';
import { contextWithoutCompute } from '../context-without-compute.ts';
import { measurementsFolder } from '../measurements-folder.ts';

const COLUMNS = ['validationExamples', 'validationLoss', 'validationAccuracy', 'samples', 'kappa'];

/** κ̂ of runs by epoch; an epoch without κ̂ was only validated. */
function measured(runs: Readonly<Record<string, Readonly<Record<number, number | null>>>>): string {
  const cells = (kappa: number | null) => [100, 1, 0.25, kappa === null ? null : 1000, kappa];
  const rows = Object.entries(runs).map(([name, kappas]) => [
    name,
    Object.fromEntries(Object.entries(kappas).map(([epoch, kappa]) => [epoch, cells(kappa)])),
  ]);
  return measurementsFolder(COLUMNS, Object.fromEntries(rows));
}

/** Architecture, seed and epoch of each line. */
async function placesOf(measurements: string, architectures: string[]) {
  const { csv, markdown } = await readStatistics.run(contextWithoutCompute({ architectures }, { measurements }));
  return {
    places: csv
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 3).join(' ')),
    markdown,
  };
}

describe('read-statistics', () => {
  it('has the checkpoints that all seeds of an architecture have, in the order of epochs', async () => {
    const folder = measured({
      'cnn 1': { 0: 10, 1: 20, 2: null, 12: 40 },
      'cnn 2': { 12: 60, 0: 30, 2: 50 },
      'cnn+bn 7': { 1: 5, 0: null },
      'fnn 1': { 0: 1 },
    });
    const { places, markdown } = await placesOf(folder, ['cnn+bn', 'cnn']);
    expect(places).toEqual(['cnn+bn 7 1', 'cnn 1 0', 'cnn 2 0', 'cnn 1 12', 'cnn 2 12']);
    expect(markdown).toMatch(
      /\| cnn +\| +12 \| +2 \| +5\.00e1 \[4\.00e1, 6\.00e1\] \|.*\| +25\.00 \[25\.00, 25\.00\] \|/,
    );
    expect(markdown).toMatch(/\| cnn\+bn +\| +1 \| +1 \| +5\.00e0 \|/);
  });

  it('has no line of a network that was not measured', async () => {
    expect((await placesOf(measured({ 'cnn 1': { 0: 1 } }), ['dfnn'])).places).toEqual([]);
  });
});
