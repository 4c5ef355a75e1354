import { STATES } from '../../../src/engine/views/live/protocol.ts';
import { formatCount, formatNumber } from '../../format/numbers.ts';
import { formatSeconds } from '../../format/time.ts';
import { presentStates, StateMark } from '../../parts/states.tsx';
import type { Scale } from './scale.ts';

/** What the colours of states mean, and how many nodes have each. */
export function StateLegend({ states }: { readonly states: Uint8Array }) {
  const counts = new Array<number>(STATES.length).fill(0);
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return (
    <ul class="legend" aria-label="States">
      {presentStates(counts).map(([state, count]) => (
        <li key={state}>
          <StateMark state={state} /> <span class="quiet">{formatCount(count)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Which numbers the colours stand for. */
export function ScaleLegend({ scale, kind }: { readonly scale: Scale; readonly kind: 'seconds' | 'number' }) {
  const write = kind === 'seconds' ? formatSeconds : formatNumber;
  if (Number.isNaN(scale.min)) return <p class="legend quiet">No node has a value yet.</p>;
  const middle = scale.isLogarithmic ? Math.sqrt(scale.min * scale.max) : (scale.min + scale.max) / 2;
  return (
    <p class="legend" role="img" aria-label={`Colours from ${write(scale.min)} (dark) to ${write(scale.max)} (bright)`}>
      <span>{write(scale.min)}</span>
      <span class="scale" />
      <span>{write(scale.max)}</span>
      <span class="quiet">
        middle {write(middle)}
        {scale.isLogarithmic ? ', logarithmic' : ''}
      </span>
    </p>
  );
}
