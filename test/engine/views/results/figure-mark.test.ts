import { Resvg } from '@resvg/resvg-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArtefactDigest, digestBytes, type NodeKey } from '../../../../src/engine/base/digest.ts';
import type { NodeId } from '../../../../src/engine/plan/plan.ts';
import { type FigureMark, markFigure, unmarkFigure } from '../../../../src/engine/views/results/figure-mark.ts';

const drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><rect width="2" height="3"/></svg>';
const png = (svg: string | Buffer) => new Resvg(svg).render().asPng();

const mark: FigureMark = {
  node: 'plot/κ̂ <&>"]]>\u0001/1' as NodeId,
  output: 'figure',
  key: digestBytes<NodeKey>('key'),
  digest: digestBytes<ArtefactDigest>(drawing),
};

const figures: readonly (readonly [string, Buffer])[] = [
  ['an SVG', Buffer.from(drawing)],
  ['an SVG with a prolog', Buffer.from(`\ufeff<?xml version="1.0"?>\n<!-- <svg> -->\n<!DOCTYPE svg>\n${drawing}`)],
  ['an SVG with a > in an attribute', Buffer.from(drawing.replace('width', 'aria-label="a > b" width'))],
  ['a PNG', png(drawing)],
];

describe('a marked figure', () => {
  it.each(figures)('of %s draws the same, says where it comes from, and gives its bytes back', (_, bytes) => {
    const marked = Buffer.from(markFigure(bytes, mark));
    expect(marked.equals(bytes)).toBe(false);
    expect(JSON.parse(unmarkFigure(marked)?.text as string)).toEqual(mark);
    expect(Buffer.from(unmarkFigure(marked)?.bytes as Uint8Array).equals(bytes)).toBe(true);
    // PNG readers check the sums of chunks; an SVG has to be well-formed XML.
    const shown = (figure: Buffer) =>
      new Resvg(
        figure[0] === 0x89
          ? `<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><image width="4" height="3" href="data:image/png;base64,${figure.toString('base64')}"/></svg>`
          : figure,
      )
        .render()
        .pixels.toString('hex');
    expect(shown(marked)).toBe(shown(bytes));
  });

  it.each(figures)('of %s may hold an older mark', (_, bytes) => {
    const first = markFigure(bytes, mark);
    const second = markFigure(first, { ...mark, output: 'other' });
    expect(Buffer.from(unmarkFigure(second)?.bytes as Uint8Array).equals(first)).toBe(true);
  });

  it.each([
    ['JSON', '{"a": "<svg>"}'],
    ['an SVG without content', '<svg/>'],
    ['another root', '<html><svg></svg></html>'],
    ['a word that begins like one', '<svgs></svgs>'],
    ['a PNG that is cut off', png(drawing).subarray(0, 20)],
    ['nothing', ''],
  ])('is what it was of %s', (_, content) => {
    const bytes = Buffer.from(content);
    expect(markFigure(bytes, mark)).toBe(bytes);
    expect(unmarkFigure(bytes)).toBeUndefined();
  });

  it('whatever the bytes, what is put in can be taken out', () => {
    const drawn = png(drawing);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 80 }),
      fc
        .string({ unit: fc.constantFrom('<svg', ' ', '>', '"', "'", '<!--', '-->', '<?', '?>', 'a', '\n', '<svg>') })
        .map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 60 }).map((rest) => Buffer.concat([drawn.subarray(0, 33), rest])),
    );
    fc.assert(
      fc.property(bytes, (content) => {
        const marked = markFigure(content, mark);
        if (marked !== content)
          expect(Buffer.from(unmarkFigure(marked)?.bytes as Uint8Array).equals(content)).toBe(true);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});
