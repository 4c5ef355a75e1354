import type { UsedSoftware } from '../../keys/software/used-software.ts';

/** How many packages are named. */
const SHOWN = 8;

/** The environment of a command, as far as it is looked up again. Of programs other than Python, that is the started file. */
export function describeSoftware(software: UsedSoftware | undefined): string {
  const pythons = new Set(software?.programs.flatMap(({ version }) => (version === null ? [] : [`Python ${version}`])));
  if (!software || pythons.size === 0) {
    const program = software?.programs.find(({ path }) => path !== null)?.path;
    const known = program ? `, except for the file ${program}` : '';
    return `environment not tracked${known}: other versions of programs and libraries rerun nothing`;
  }
  const packages = software.packages.map(({ name, version }) => `${name} ${version}`);
  const shown = [...pythons, ...packages].slice(0, SHOWN);
  const rest = pythons.size + packages.length - shown.length;
  return `environment tracked: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
