// Before a package of this repository is packed: builds it, and gives it the texts that stand at the repository's root.
import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cwd } from 'node:process';
import { fileURLToPath } from 'node:url';
import './build.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
for (const file of ['LICENSE', 'CHANGELOG.md']) copyFileSync(join(root, file), join(cwd(), file));
