// Before a package of this repository is packed: builds it, and copies texts of the repository's root into it.
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cwd } from 'node:process';
import { fileURLToPath } from 'node:url';
import './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
for (const file of ['LICENSE', 'CHANGELOG.md']) copyFileSync(join(root, file), join(cwd(), file));
