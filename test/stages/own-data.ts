import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../docs/own-data.md', import.meta.url), 'utf8');

/** The pipeline of the paper with the entries of docs/own-data.md, where the page says that they go. */
export function withOwnData(pipeline: string): string {
  const withSources = replaced(pipeline, /\nstages:\n/, (line) => `\n${block('sources')}${line}`);
  const withData = replaced(withSources, /^ {2}ownData: \{\}\n/m, () => block('data'));
  return replaced(withData, /^ {4}cnn\+res\+bn: .*\n/m, (line) => line + block('architecture'));
}

function replaced(text: string, place: RegExp, replacement: (found: string) => string): string {
  if (!place.test(text)) throw new Error(`pipeline.yaml has no ${place}`);
  return text.replace(place, replacement);
}

function block(name: string): string {
  const found = new RegExp(`^\`\`\`yaml ${name}\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(page)?.[1];
  if (found === undefined) throw new Error(`docs/own-data.md has no block "${name}"`);
  return found;
}
