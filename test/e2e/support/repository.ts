import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository under test. */
export const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The bundled command line, as users start it. */
export const vmfdag = join(repository, 'dist/vmfdag.cjs');
