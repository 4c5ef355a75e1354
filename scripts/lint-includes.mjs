// Refuses C++ files that include each other: what one of them sees would depend on which is included first.
// usage: node scripts/lint-includes.mjs [FOLDER…]   without folders: the native addon's
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { argv, cwd } from 'node:process';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folders = argv.length > 2 ? argv.slice(2) : [join(root, 'src/tensors/native/src')];

const files = folders.flatMap((folder) =>
  readdirSync(folder, { recursive: true })
    .filter((name) => /[.](h|hpp|c|cc|cpp)$/.test(name))
    .map((name) => join(folder, name)),
);
if (files.length === 0) {
  console.error(`${folders.join(', ')}: there is no C++ file; name the folder that has them`);
  process.exit(1);
}
const includes = new Map(files.map((file) => [file, includedBy(file)]));
const cycles = [];
const finished = new Set();
for (const file of files) follow(file, []);
for (const cycle of cycles) {
  const path = cycle.map((file) => relative(cwd(), file)).join(' → ');
  console.error(`${path}: these files include each other; move what they share into a header of its own`);
}
if (cycles.length > 0) process.exitCode = 1;

/** Searches depth first; a file that is met on the way to itself closes a cycle. */
function follow(file, path) {
  const start = path.indexOf(file);
  if (start >= 0) {
    cycles.push([...path.slice(start), file]);
    return;
  }
  if (finished.has(file)) return;
  for (const next of includes.get(file)) follow(next, [...path, file]);
  finished.add(file);
}

/** Files of the folders that a file includes, whatever conditions surround the line: some compiler may take it. */
function includedBy(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^[ \t]*#[ \t]*include[ \t]*"([^"]+)"/gm)]
    .map(([, name]) => normalize(join(dirname(file), name)))
    .filter((included) => files.includes(included));
}
