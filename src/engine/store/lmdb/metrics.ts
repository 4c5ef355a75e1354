import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { type MetricNumber, type MetricSeries, metricNumber } from '../metric-series.ts';

const HEAD_LENGTH_BYTES = 4;
const NUMBER_BYTES = 8;
/** Steps, times and values. */
const COLUMNS = 3;

interface SeriesHead {
  readonly name: string;
  readonly count: number;
  readonly min: MetricNumber;
  readonly max: MetricNumber;
  readonly points: number;
}

/**
 * What is stored of a node's metrics; undefined where there are none. It is deflated: the length of a JSON text (uint32), this text with a head for each series,
 * and three columns of float64 for each. Steps and times are differences, whose bytes are mostly zero. Of all numbers of a column come first
 * the lowest bytes, then the next ones: so a loss of float32 has whole planes of zeros. Little-endian.
 */
export function encodeMetrics(metrics: readonly MetricSeries[]): Buffer | undefined {
  if (metrics.length === 0) return undefined;
  const heads = metrics.map(({ name, count, min, max, steps }): SeriesHead => {
    return { name, count, min, max, points: steps.length };
  });
  const head = Buffer.from(JSON.stringify(heads));
  const length = Buffer.alloc(HEAD_LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  const columns = metrics.flatMap(({ steps, times, values }) => [
    planes(differences(steps)),
    planes(differences(times)),
    planes(values.map(Number)),
  ]);
  return deflateRawSync(Buffer.concat([length, head, ...columns]));
}

/** @throws {Error} for bytes of something else */
export function decodeMetrics(encoded: Buffer): readonly MetricSeries[] {
  const bytes = inflateRawSync(encoded);
  let at = HEAD_LENGTH_BYTES + bytes.readUInt32LE(0);
  const heads = JSON.parse(bytes.toString('utf8', HEAD_LENGTH_BYTES, at)) as readonly SeriesHead[];
  return heads.map(({ name, count, min, max, points }) => {
    const [steps, times, values] = Array.from({ length: COLUMNS }, () => {
      const column = numbers(bytes.subarray(at, at + points * NUMBER_BYTES), points);
      at += points * NUMBER_BYTES;
      return column;
    }) as [number[], number[], number[]];
    return { name, count, min, max, steps: sums(steps), times: sums(times), values: values.map(metricNumber) };
  });
}

function planes(column: readonly number[]): Buffer {
  const plain = Buffer.alloc(NUMBER_BYTES);
  const planed = Buffer.alloc(column.length * NUMBER_BYTES);
  column.forEach((number, index) => {
    plain.writeDoubleLE(number);
    for (let byte = 0; byte < NUMBER_BYTES; byte++) planed[byte * column.length + index] = plain[byte] as number;
  });
  return planed;
}

function numbers(planed: Buffer, length: number): number[] {
  const plain = Buffer.alloc(NUMBER_BYTES);
  return Array.from({ length }, (_, index) => {
    for (let byte = 0; byte < NUMBER_BYTES; byte++) plain[byte] = planed[byte * length + index] as number;
    return plain.readDoubleLE();
  });
}

function differences(column: readonly number[]): readonly number[] {
  return column.map((number, index) => number - (column[index - 1] ?? 0));
}

/** Exact: the numbers are whole and below 2^53. */
function sums(column: readonly number[]): number[] {
  let sum = 0;
  return column.map((number) => {
    sum += number;
    return sum;
  });
}
