import { describe, expect, it } from 'vitest';
import { svgImage, withFontFaces } from '../../../../src/engine/views/report/svg-image.ts';

const FONTS = '@font-face{font-family:"Source Sans 3";src:url(data:font/woff2;base64,AA$&==)}';

function contentOf(image: string): string {
  const [, data] = /^data:image\/svg\+xml;base64,([\w+/=]*)$/.exec(image) ?? [];
  if (data === undefined) throw new Error(`no image: ${image}`);
  return Buffer.from(data, 'base64').toString('utf8');
}

describe('an SVG document as an image', () => {
  it('is the document itself, whatever it holds, and nothing of it is part of the page', () => {
    const hostile = '<svg onload="a()"><script>b()</script></svg>"></div><iframe src="https://example.org/"></iframe>';
    expect(contentOf(svgImage(hostile, FONTS))).toBe(hostile);
  });

  it('gets the page’s font where it asks for it', () => {
    const document = `<?xml version="1.0"?>\n<svg width="9" aria-label='a > b'><text font-family="Source Sans 3">é</text></svg>`;
    expect(contentOf(svgImage(document, FONTS))).toBe(
      `<?xml version="1.0"?>\n<svg width="9" aria-label='a > b'><style>${FONTS}</style><text font-family="Source Sans 3">é</text></svg>`,
    );
  });

  it('is looked at once, however often its root seems to begin', () => {
    const hostile = `<svg a="${'<svg a="\' '.repeat(200_000)}Source Sans 3`;
    expect(withFontFaces(hostile, FONTS)).toBe(hostile);
  });
});
