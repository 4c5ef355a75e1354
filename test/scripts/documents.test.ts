import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Folders that hold nothing of the repository itself. */
const FOREIGN =
  /(^|\/)(node_modules|dist|__pycache__|native\/build|python\/build)$|^(examples|src\/engine\/templates)\/[^/]+\/(cache|results)$/;

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (FOREIGN.test(path)) return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

const files = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...['docs', 'examples', 'python', 'src', 'stages', 'ui', 'bench', 'scripts', 'test'].flatMap(filesIn),
];
const documents = files.filter((file) => file.endsWith('.md'));

/** Code stands for itself: it may hold what looks like a link, or like a heading. */
const prose = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '');

/** The anchors that GitHub gives to the headings of a document. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = [...prose(readFileSync(file, 'utf8')).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
  return new Set(headings);
}

function brokenLinks(file: string): readonly string[] {
  const links = [...prose(readFileSync(file, 'utf8')).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false;
    const [path = '', anchor] = link.split('#');
    const target = path === '' ? file : normalize(join(dirname(file), path));
    if (!existsSync(target)) return true;
    return anchor !== undefined && statSync(target).isFile() && !anchorsOf(target).has(anchor);
  });
}

describe('the documents', () => {
  it('have links and anchors that lead somewhere', () => {
    expect(documents.length).toBeGreaterThan(100);
    const broken = documents.flatMap((file) => brokenLinks(file).map((link) => `${file}: ${link}`));
    expect(broken).toEqual([]);
  });

  it('list every decision', () => {
    const index = readFileSync('docs/decisions/README.md', 'utf8');
    const records = readdirSync('docs/decisions').filter((name) => /^\d{4}-/.test(name));
    expect(records.filter((name) => index.split(`](${name})`).length !== 2)).toEqual([]);
  });
});

describe('ARCHITECTURE.md', () => {
  const text = readFileSync('ARCHITECTURE.md', 'utf8');

  it('names files that there are', () => {
    const named = [...prose(text).matchAll(/`([\w./-]+\.(?:ts|tsx|py|json|cjs|yaml))`/g)].map(([, name = '']) => name);
    expect(named.length).toBeGreaterThan(80);
    const inProjects = ['dvc.yaml'];
    const missing = named.filter(
      (name) => !existsSync(name) && !inProjects.includes(name) && !files.some((file) => file.endsWith(`/${name}`)),
    );
    expect(missing).toEqual([]);
  });

  it('has the rooms of the engine in the order of the rules', () => {
    const rooms = [...text.matchAll(/^\| `([a-z]+)` \| /gm)].map(([, room = '']) => room);
    const { forbidden } = createRequire(import.meta.url)('../../dependency-cruiser.config.cjs') as {
      readonly forbidden: readonly { readonly name: string }[];
    };
    const layers = forbidden.flatMap(({ name }) => /^engine-(\w+)-imports-lower-layers-only$/.exec(name)?.[1] ?? []);
    expect(layers.length).toBeGreaterThan(15);
    expect(rooms.slice(0, layers.length)).toEqual(layers);
  });
});
