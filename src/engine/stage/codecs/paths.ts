import type { PathCodec } from '../artefact.ts';

/**
 * A file of any kind and size, by its path. A stage writes it below `context.scratch` and returns the path. An input is the path of a file that
 * can be read only. Any output but a directory can be read so.
 */
export const file: PathCodec = { type: 'file', isPath: true };

/** A folder with all that is in it, by its path, in the same way. */
export const directory: PathCodec = { type: 'directory', isPath: true };
