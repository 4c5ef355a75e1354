import { logChannel, padLog } from './theme.ts';
import { formatThousands, type LogTicks, logTicks } from './ticks.ts';

/** Up to this many places, each has its label. */
const FEW = 6;

/**
 * A logarithmic axis of epochs. A checkpoint stands at epoch + 1, so that the initial point has a place.
 *
 * @param last the largest epoch + 1.
 */
export function epochChannel({
  last,
  hasTitle,
  mostTicks,
}: {
  readonly last: number;
  readonly hasTitle: boolean;
  readonly mostTicks: number;
}): ReturnType<typeof logChannel> {
  const domain = padLog(1, Math.max(2, last), 1.12);
  return logChannel({
    domain,
    title: hasTitle ? 'epoch + 1' : null,
    ticks: epochTicks(domain, last, mostTicks),
    format: formatThousands,
  });
}

/** Ticks at whole epochs, from 1 on. */
function epochTicks(domain: readonly [number, number], last: number, most: number): LogTicks {
  if (last <= FEW) return { major: Array.from({ length: Math.max(2, last) }, (_, index) => index + 1), minor: [] };
  const { major, minor } = logTicks(domain, most);
  return { major, minor: minor.filter((tick) => tick >= 1) };
}
