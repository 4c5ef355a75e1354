import { type MetricSeries, metricNumber } from '../../store/metric-series.ts';

interface Point {
  readonly step: number;
  readonly time: number;
  readonly value: number;
}

/**
 * The values of one metric in bounded memory. It keeps every k-th value, where k is the least power of two for which they fit, and the last one.
 * That depends on the number of values alone, so equal nodes have equal series.
 */
export class ThinnedSeries {
  private limit: number;
  private stride = 1;
  private counted = 0;
  private min = Number.NaN;
  private max = Number.NaN;
  private kept: Point[] = [];
  private last: Point | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many values there were. */
  get count(): number {
    return this.counted;
  }

  add(point: Point): void {
    const { value } = point;
    if (!(value >= this.min)) this.min = Number.isNaN(value) ? this.min : value;
    if (!(value <= this.max)) this.max = Number.isNaN(value) ? this.max : value;
    const isKept = this.counted % this.stride === 0;
    if (isKept) {
      this.kept.push(point);
      this.thin();
    }
    this.counted++;
    this.last = point;
  }

  /** Lowers how many values are kept besides the last one. */
  limitTo(limit: number): void {
    this.limit = limit;
    this.thin();
  }

  series(name: string): MetricSeries {
    const points = this.last && this.kept.at(-1) !== this.last ? [...this.kept, this.last] : this.kept;
    return {
      name,
      count: this.counted,
      min: metricNumber(this.min),
      max: metricNumber(this.max),
      steps: points.map(({ step }) => step),
      times: points.map(({ time }) => time),
      values: points.map(({ value }) => metricNumber(value)),
    };
  }

  private thin(): void {
    while (this.kept.length > this.limit) {
      this.kept = this.kept.filter((_, index) => index % 2 === 0);
      this.stride *= 2;
    }
  }
}
