// Before a package of this repository is packed: builds it, and copies texts of the repository's root into it.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cwd } from 'node:process';
import { fileURLToPath } from 'node:url';
import './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
copyFileSync(join(root, 'LICENSE'), join(cwd(), 'LICENSE'));
// The documents that it links to are not in the package.
const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8');
writeFileSync(join(cwd(), 'CHANGELOG.md'), changelog.replace(/\[([^\]]*)\]\((?!https?:)[^)]*\)/g, '$1'));
