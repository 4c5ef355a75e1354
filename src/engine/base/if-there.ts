/**
 * What a look at a path finds; undefined where nothing is. Node says so itself of a missing file, but throws where a file is in the place of
 * a folder above it, as in an archive that Python imports from.
 */
export function ifThere<T>(look: (options: { readonly throwIfNoEntry: false }) => T | undefined): T | undefined {
  try {
    return look({ throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
