/** Quotes decide where it ends. Tried at one place only: a hostile document has very many. */
const ROOT = /<svg(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*>/y;

/** The start tag of the root element of an SVG document, if it stands at this place. */
export function svgRootAt(document: string, at: number): string | undefined {
  ROOT.lastIndex = at;
  return ROOT.exec(document)?.[0];
}
