import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Root of the repository under test. */
export const repository = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The package of the engine. */
export const engine = join(repository, 'src/engine');

/** The command line, as users start it. */
export const vmfdag = join(engine, 'bin/vmfdag.cjs');
