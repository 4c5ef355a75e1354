import { svgRootAt } from './svg-root.ts';

const LONGEST_CAPTION = 2000;

/** Each is taken off the beginning on its own: in one expression, many comments could be divided in very many ways. */
const SKIPPED = /^(?:\s+|<!--[\s\S]*?-->|<\?[^>]*\?>|<!DOCTYPE[^>]*>)/;

const DESCRIPTIVE = /^<(title|desc)(?:\s[^>]*)?>([^<]*)<\/\1\s*>/;

/** What an SVG document says of itself in the title and the description that it begins with, for those who read it rather than see it. */
export function svgCaption(document: string): string | undefined {
  const afterProlog = withoutSkipped(document.replace(/^\ufeff/, ''));
  const root = svgRootAt(afterProlog, 0);
  if (root === undefined) return undefined;
  const texts: string[] = [];
  let rest = withoutSkipped(afterProlog.slice(root.length));
  for (let found = DESCRIPTIVE.exec(rest); found; found = DESCRIPTIVE.exec(rest)) {
    texts.push(decoded(found[2] as string));
    rest = withoutSkipped(rest.slice(found[0].length));
  }
  const caption = texts.filter((text) => text !== '').join(' ');
  if (caption === '') return undefined;
  return caption.length > LONGEST_CAPTION ? `${caption.slice(0, LONGEST_CAPTION)}…` : caption;
}

function withoutSkipped(text: string): string {
  let rest = text;
  for (let found = SKIPPED.exec(rest); found; found = SKIPPED.exec(rest)) rest = rest.slice(found[0].length);
  return rest;
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decoded(text: string): string {
  return text
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
      if (name !== undefined) return NAMED[name] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replace(/\s+/g, ' ')
    .trim();
}
