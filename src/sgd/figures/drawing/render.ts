import { Resvg } from '@resvg/resvg-js';
import * as vega from 'vega';
import { compile } from 'vega-lite';
import { FONT_FAMILY, loadFont, textWidth } from './font.ts';
import type { TopLevelSpec } from './specification.ts';

/** Vega's hook for measuring text, which its type declarations leave out. */
interface TextMetrics {
  width: (item: { readonly fontSize?: number; readonly fontWeight?: number | string }, text: string) => number;
}

/**
 * Draws a Vega-Lite specification, whose data are inline, as an SVG document. Equal specifications give equal text, on
 * every machine: labels are measured with the bundled font, whatever is installed.
 *
 * @throws {Error} when the specification refers to data outside itself.
 */
export async function renderSvg(specification: TopLevelSpec): Promise<string> {
  measureWithBundledFont();
  const warnings: string[] = [];
  const logger = collectingLogger(warnings);
  const { spec } = compile(specification, { logger });
  const view = new vega.View(vega.parse(spec), { renderer: 'none', logger, loader: refusingLoader() });
  try {
    const svg = await view.toSVG();
    if (warnings.length > 0) throw new Error(`the figure's specification is doubtful: ${warnings.join('; ')}`);
    return withDescription(renumberIds(svg), specification);
  } finally {
    view.finalize();
  }
}

/** Says the caption in words too, for pages that show the figure small, and for those who do not see it. */
function withDescription(svg: string, { title }: TopLevelSpec): string {
  if (typeof title !== 'object' || !('text' in title) || !Array.isArray(title.text)) return svg;
  const caption = title.text.join(' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return svg.replace(/<svg[^>]*>/, (root) => `${root}<desc>${caption}</desc>`);
}

/** Rasterises an SVG document of {@link renderSvg} with the bundled font, on white. `scale` is pixels per SVG unit. */
export function renderPng(svg: string, scale = 2): Uint8Array {
  const image = new Resvg(svg, {
    background: 'white',
    fitTo: { mode: 'zoom', value: scale },
    font: { loadSystemFonts: false, fontFiles: [...loadFont().files], defaultFontFamily: FONT_FAMILY },
    logLevel: 'off',
  }).render();
  return Uint8Array.from(image.asPng());
}

function measureWithBundledFont(): void {
  const { textMetrics } = vega as unknown as { textMetrics: TextMetrics };
  textMetrics.width = (item, text) => textWidth(text, item.fontSize ?? 11, item.fontWeight);
}

function collectingLogger(warnings: string[]): vega.LoggerInterface {
  const logger: vega.LoggerInterface = {
    level: ((value?: number) => (value === undefined ? vega.Warn : logger)) as vega.LoggerInterface['level'],
    error(...parts) {
      warnings.push(parts.join(' '));
      return logger;
    },
    warn(...parts) {
      warnings.push(parts.join(' '));
      return logger;
    },
    info: () => logger,
    debug: () => logger,
  };
  return logger;
}

/** A figure is a function of its data alone: it reads no file and no network. */
function refusingLoader(): vega.Loader {
  const refuse = (uri: string) => Promise.reject(new Error(`a figure must not load ${uri}`));
  return { ...vega.loader(), load: refuse, http: refuse, file: refuse };
}

/** Vega numbers clip paths through all figures of a process; here each figure starts at 1, whatever was drawn before. */
function renumberIds(svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/(?<=\bid="|url\(#)(clip|gradient_)(\d+)(?=[")])/g, (id, kind: string) => {
    const name = names.get(id) ?? `${kind}${names.size + 1}`;
    names.set(id, name);
    return name;
  });
}
