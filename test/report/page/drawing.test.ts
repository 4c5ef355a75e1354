import { expect, it } from 'vitest';
import { inlineSvg } from '../../../src/report/page/drawing.ts';

it('drops what stands before the drawing, and gives every id a prefix where it is named and where it is used', () => {
  const document =
    '<?xml version="1.0"?>\n<svg><clipPath id="clip1"/><g clip-path="url(#clip1)"/><use href="#mark"/><path id="mark"/><text>id clip1</text></svg>';
  expect(inlineSvg(document, 'fig5').text).toBe(
    '<svg><clipPath id="fig5-clip1"/><g clip-path="url(#fig5-clip1)"/><use href="#fig5-mark"/><path id="fig5-mark"/><text>id clip1</text></svg>',
  );
});
