import { describe, expect, it } from 'vitest';
import { graphLayout } from '../../../../src/engine/views/live/graph-layout.ts';

const stages = ['data', 'train', 'a-stage-with-a-name-of-some-length "quoted" <b>'].map((name) => ({ name }));
const edges = [
  { from: 0, to: 1, outputs: ['x'] },
  { from: 1, to: 2, outputs: ['y'] },
  { from: 0, to: 2, outputs: ['x'] },
];

describe('the layout of a graph', () => {
  it('has a box for each stage and a curve for each edge, from the one to the other', async () => {
    const { width, height, boxes, curves } = await graphLayout(stages, edges, 'LR');
    expect(boxes).toHaveLength(3);
    for (const box of boxes) {
      expect(box.x - box.width / 2).toBeGreaterThanOrEqual(-1);
      expect(box.x + box.width / 2).toBeLessThanOrEqual(width + 1);
      expect(box.y + box.height / 2).toBeLessThanOrEqual(height + 1);
    }
    expect(boxes[0]?.x).toBeLessThan(boxes[1]?.x as number);
    expect(boxes[1]?.x).toBeLessThan(boxes[2]?.x as number);
    expect(boxes[2]?.width).toBeGreaterThan(boxes[0]?.width as number);
    for (const [at, curve] of curves.entries()) {
      expect((curve.length - 1) % 3).toBe(0);
      const [from, to] = [boxes[edges[at]?.from as number], boxes[edges[at]?.to as number]];
      expect(curve[0]?.[0]).toBeCloseTo((from?.x ?? 0) + (from?.width ?? 0) / 2, -1);
      expect(curve.at(-1)?.[0]).toBeCloseTo((to?.x ?? 0) - (to?.width ?? 0) / 2, -1);
    }
  });

  it('goes down for narrow pages', async () => {
    const { width, height, boxes } = await graphLayout(stages, edges, 'TB');
    expect(boxes[0]?.y).toBeLessThan(boxes[1]?.y as number);
    expect(height).toBeGreaterThan(width / 4);
  });

  it('of nothing is empty', async () => {
    expect(await graphLayout([], [], 'LR')).toMatchObject({ boxes: [], curves: [] });
  });
});
