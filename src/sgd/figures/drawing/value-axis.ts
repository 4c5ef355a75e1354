import { logChannel, padLog } from './theme.ts';
import { logTicks } from './ticks.ts';

/** A logarithmic axis around some values, all above 0; where there are none, a decade. */
export function valueChannel({
  values,
  padding,
  title,
  mostTicks,
  format,
}: {
  readonly values: readonly number[];
  /** By which factor the axis goes beyond the values at either end. */
  readonly padding: number;
  readonly title: string | null;
  readonly mostTicks: number;
  readonly format: (value: number) => string;
}): ReturnType<typeof logChannel> {
  const domain = values.length > 0 ? padLog(Math.min(...values), Math.max(...values), padding) : ([0.1, 1] as const);
  return logChannel({ domain, title, ticks: logTicks(domain, mostTicks), format });
}
