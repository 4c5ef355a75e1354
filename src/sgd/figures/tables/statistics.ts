import { groupBy, meanAndStd } from '../summary.ts';
import { csvTable, markdownTable } from './text-table.ts';

/** The statistics of one architecture, seed and epoch, with the validation accuracy there as a fraction of 1. */
export interface StatisticsRow {
  readonly architecture: string;
  readonly seed: number;
  readonly epoch: number;
  readonly kappa: number | null;
  readonly kappaLower: number | null;
  readonly kappaUpper: number | null;
  readonly snr: number | null;
  readonly normSnr: number | null;
  readonly noiseScale: number | null;
  readonly snrSquaredPerExample: number | null;
  readonly mCoherence: number | null;
  readonly effectiveDimension: number | null;
  readonly validationAccuracy: number | null;
}

/** One line for each architecture and epoch: the mean over seeds, and in brackets the smallest and the largest value. */
export function statisticsMarkdown(rows: readonly StatisticsRow[]): string {
  const groups = groupBy(rows, ({ architecture, epoch }) => `${architecture}\0${epoch}`);
  return markdownTable(
    [
      'architecture',
      'epoch',
      'seeds',
      'κ̂',
      'SNR',
      'normSNR',
      'noise scale',
      'm-coherence',
      'effective dimension',
      'validation accuracy (%)',
    ],
    [...groups.values()].map((group) => {
      const { architecture, epoch } = group[0] as StatisticsRow;
      return [
        architecture,
        String(epoch),
        String(group.length),
        spread(
          group.map(({ kappa }) => kappa),
          exponential,
        ),
        spread(
          group.map(({ snr }) => snr),
          (value) => value.toFixed(3),
        ),
        spread(
          group.map(({ normSnr }) => normSnr),
          (value) => value.toFixed(2),
        ),
        spread(
          group.map(({ noiseScale }) => noiseScale),
          exponential,
        ),
        spread(
          group.map(({ mCoherence }) => mCoherence),
          (value) => value.toFixed(2),
        ),
        spread(
          group.map(({ effectiveDimension }) => effectiveDimension),
          (value) => value.toPrecision(3),
        ),
        spread(
          group.map(({ validationAccuracy }) => validationAccuracy),
          (value) => (100 * value).toFixed(2),
        ),
      ];
    }),
  );
}

/** One line for each architecture, seed and epoch, at full precision. */
export function statisticsCsv(rows: readonly StatisticsRow[]): string {
  return csvTable(
    [
      'architecture',
      'seed',
      'epoch',
      'kappa',
      'kappa_lower',
      'kappa_upper',
      'snr',
      'norm_snr',
      'noise_scale',
      'snr_squared_per_example',
      'm_coherence',
      'effective_dimension',
      'validation_accuracy',
    ],
    rows.map((row) => [
      row.architecture,
      row.seed,
      row.epoch,
      row.kappa,
      row.kappaLower,
      row.kappaUpper,
      row.snr,
      row.normSnr,
      row.noiseScale,
      row.snrSquaredPerExample,
      row.mCoherence,
      row.effectiveDimension,
      row.validationAccuracy,
    ]),
  );
}

function spread(values: readonly (number | null)[], format: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return '–';
  const mean = format(meanAndStd(known).mean);
  return known.length === 1 ? mean : `${mean} [${format(Math.min(...known))}, ${format(Math.max(...known))}]`;
}

/** `8.12e5` */
function exponential(value: number): string {
  return value.toExponential(2).replace('e+', 'e');
}
