import { STATES } from '../../../src/engine/views/live/protocol.ts';
import { colour } from '../../parts/colours.ts';
import { stateClass } from '../../parts/states.tsx';
import { type Scale, SHADE_COLOURS, SHADES } from './scale.ts';

/** What a cell shows: a position in the palette. */
export interface Paint {
  readonly colours: readonly string[];
  /** For each node of the stage. */
  paintOf(node: number): number;
}

/** Colours by state. */
export function statePaint(states: Uint8Array): Paint {
  return {
    colours: STATES.map((state) => colour(stateClass(state))),
    paintOf: (node) => states[node] as number,
  };
}

/** Colours by number; the last one is of nodes that have none. */
export function numberPaint(values: ArrayLike<number>, scale: Scale): Paint {
  return {
    colours: [...SHADE_COLOURS, colour('empty')],
    paintOf: (node) => {
      const place = scale.place(values[node] as number);
      return Number.isNaN(place) ? SHADES : Math.min(SHADES - 1, Math.floor(place * SHADES));
    },
  };
}
