import fc from 'fast-check';
import { expect, it } from 'vitest';
import { backOff, EventStreamReader } from '../../../ui/data/event-stream.ts';

const STREAM =
  ': hello\r\n\r\nid: 7\nevent: delta\ndata: {"a":\ndata: 1}\n\ndata\n\nid: 8\r\nevent: reset\r\ndata: {}\r\n\r\nevent: ignored\n\nid: 9\rdata: x\r\rdata: rest';

const EVENTS = [
  { id: '7', type: 'delta', data: '{"a":\n1}' },
  { id: '7', type: 'message', data: '' },
  { id: '8', type: 'reset', data: '{}' },
  { id: '9', type: 'message', data: 'x' },
];

it('reads the same events however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length)), (cuts) => {
      const reader = new EventStreamReader();
      const places = [0, ...cuts.sort((a, b) => a - b), STREAM.length];
      const events = places.slice(1).flatMap((end, at) => reader.read(STREAM.slice(places[at], end)));
      expect(events).toEqual(EVENTS);
    }),
  );
});

it('waits longer after each failure, up to half a minute, never at the same moment as others', () => {
  expect(backOff(0, 0.5)).toBe(500);
  expect(backOff(3, 0.5)).toBe(4000);
  expect(backOff(1000, 0.5)).toBe(30_000);
  expect(backOff(0, 0)).toBeLessThan(backOff(0, 0.99));
});
