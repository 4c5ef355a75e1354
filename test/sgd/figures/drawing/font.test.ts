import { Resvg } from '@resvg/resvg-js';
import { describe, expect, it } from 'vitest';
import { FONT_FAMILY, loadFont, textWidth, wrapText } from '../../../../src/sgd/figures/drawing/font.ts';
import { renderPng } from '../../../../src/sgd/figures/drawing/render.ts';
import { readAdvances } from '../../../../src/sgd/figures/drawing/truetype.ts';

const document = (text: string, weight = 400) =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="80"><text x="20" y="50" font-family="${FONT_FAMILY}" font-size="20" font-weight="${weight}">${text}</text></svg>`;

/** What resvg, which shapes text by the font's own tables, makes of a text between two stems. */
function shapedWidth(text: string, weight: number): number {
  const ink = (content: string) => {
    const font = { loadSystemFonts: false, fontFiles: [...loadFont().files] };
    return new Resvg(document(content, weight), { font }).getBBox()?.width ?? 0;
  };
  return ink(`H${text}H`) - ink('HH');
}

describe('textWidth', () => {
  it.each([400, 600])('agrees with a text shaper at weight %i', (weight) => {
    const texts = [
      'best validation accuracy',
      'ours 98.21 ± 0.03 % · paper 98.18 ± 0.04 %',
      '2×10⁵',
      'N(90, (180/π)²/d)',
    ];
    for (const text of texts) {
      const shaped = shapedWidth(text, weight);
      expect(Math.abs(textWidth(text, 20, weight) / shaped - 1)).toBeLessThan(0.015);
    }
  });

  it('gives a combining accent no width', () => {
    expect(textWidth('κ\u0302', 10)).toBe(textWidth('κ', 10));
    expect(shapedWidth('κ\u0302', 400)).toBeCloseTo(textWidth('κ', 20), 0);
  });

  it('is proportional to the size and larger for strong text', () => {
    expect(textWidth('epoch', 30)).toBeCloseTo(3 * textWidth('epoch', 10), 10);
    expect(textWidth('epoch', 10, 'bold')).toBeGreaterThan(textWidth('epoch', 10));
  });
});

describe('the bundled font', () => {
  it('has a glyph for every sign that figures use', () => {
    const drawn = (text: string) => Buffer.from(renderPng(document(text), 1)).toString('base64');
    // U+10FFFD is never assigned, so it shows what a missing glyph looks like.
    const missing = drawn('\u{10FFFD}');
    for (const sign of 'κρθπĝ±×·²⁰¹³⁴⁵⁶⁷⁸⁹⁻‖√–−≤≥') expect(drawn(sign), sign).not.toBe(missing);
    expect(drawn('κ\u0302')).not.toBe(drawn('κ'));
  });

  it('says what is wrong with a file that is no font', () => {
    expect(() => readAdvances(new Uint8Array(64))).toThrow('no "head" table');
  });
});

describe('wrapText', () => {
  it('breaks at spaces, within the width', () => {
    const text = '2 seeds · 300 minibatches · 10,000 training examples · 5 epochs';
    const lines = wrapText(text, 10, 120);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.join(' ')).toBe(text);
    for (const line of lines) expect(textWidth(line, 10)).toBeLessThanOrEqual(120);
  });

  it('leaves a word that is too long whole', () => {
    expect(wrapText('a incomprehensibilities b', 10, 20)).toEqual(['a', 'incomprehensibilities', 'b']);
  });
});
