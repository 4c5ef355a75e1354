import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { svgCaption } from '../../../../../src/engine/views/live/previews/svg-caption.ts';

describe('the caption of a figure', () => {
  it('is the title and the description that its document begins with', () => {
    const document = `<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- drawn --><svg xmlns="http://www.w3.org/2000/svg" aria-label='a > b' width="9">
<!-- by hand --><title id="t">Loss
  by epoch</title><desc>a &lt; b &#233; &#x3BA;&amp;&nothing;</desc><g><title>a mark</title></g></svg>`;
    expect(svgCaption(document)).toBe('Loss by epoch a < b é κ&&nothing;');
  });

  it.each([
    ['nothing in it', '<svg></svg>'],
    ['the title of a mark', '<svg><g><title>a mark</title></g></svg>'],
    ['an empty title', '<svg><title> </title></svg>'],
    ['a title that is not closed', '<svg><title>a'],
    ['elements in its title', '<svg><title>a<script>b()</script></title></svg>'],
    ['another root', '<html><title>a</title></html>'],
    ['no element', 'title'],
  ])('is none where there is %s', (_, document) => {
    expect(svgCaption(document)).toBeUndefined();
  });

  it('is bounded, and found at once, in any beginning of a document', () => {
    expect(svgCaption(`<svg><desc>${'a'.repeat(1e5)}</desc></svg>`)?.length).toBeLessThan(3000);
    const piece = fc.constantFrom(
      '<!--',
      '-->',
      '<?',
      '?>',
      '<svg',
      '>',
      '<title>',
      '</title>',
      ' ',
      'a="',
      '"',
      '<desc',
      '&#x;',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { minLength: 1, maxLength: 4 }),
        fc.array(piece, { maxLength: 8 }),
        (repeated, start) => {
          const hostile = `${start.join('')}${repeated.join('').repeat(1000)}`.slice(0, 4096);
          expect(typeof svgCaption(hostile)).toMatch(/string|undefined/);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});
