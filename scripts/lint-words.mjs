// Refuses phrases that docs/glossary.md replaces by plain words, in comments, strings, messages and documents.
// usage: node scripts/lint-words.mjs [FILE…]   without files: everything that git tracks or would track
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeFinding, findPhrases } from './words/find-phrases.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Generated files, and the list of phrases itself with its test. */
const EXCLUDED = [
  /^package-lock[.]json$/,
  /^src[/]engine[/]schemas[/]pipeline[.]validator[.]js$/,
  /^scripts[/]words[/]phrases[.]mjs$/,
  /^test[/]scripts[/]lint-words[.]test[.]ts$/,
  /[/]golden[/]/,
];

const given = process.argv.slice(2);
const files = given.length > 0 ? given : trackedFiles();
const refused = files.flatMap((file) =>
  findPhrases(readFileSync(given.length > 0 ? file : join(root, file), 'utf8'), extname(file)).map((finding) =>
    describeFinding(file, finding),
  ),
);
for (const line of refused) console.error(line);
if (refused.length > 0) {
  console.error(`${refused.length} phrases to replace; docs/glossary.md has the words`);
  process.exitCode = 1;
}

function trackedFiles() {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    {
      cwd: root,
      encoding: 'utf8',
    },
  );
  const removed = execFileSync('git', ['ls-files', '-z', '--deleted'], { cwd: root, encoding: 'utf8' }).split('\0');
  return listed
    .split('\0')
    .filter((file) => file && !removed.includes(file) && !EXCLUDED.some((each) => each.test(file)));
}
