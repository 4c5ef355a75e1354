import type { UsedSoftware } from '../../keys/software/used-software.ts';

/** How many programs and packages are named. */
const SHOWN = 8;

/** The environment of a command, as far as it is looked up again. Of programs other than Python, only strace sees more than the started file. */
export function describeSoftware(software: UsedSoftware | undefined): string {
  const known = software ? [...pythonsOf(software), ...tracedOf(software), ...packagesOf(software)] : [];
  if (known.length === 0) {
    const program = software?.programs.find(({ path }) => path !== null)?.path;
    const except = program ? `, except for the file ${program}` : '';
    return `environment not tracked${except}: other versions of programs and libraries rerun nothing`;
  }
  const rest = known.length - SHOWN;
  return `environment tracked: ${known.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function pythonsOf({ programs }: UsedSoftware): readonly string[] {
  return [...new Set(programs.flatMap(({ version }) => (version === null ? [] : [`Python ${version}`])))];
}

function tracedOf({ programs, libraries }: UsedSoftware): readonly string[] {
  if (libraries.length === 0) return [];
  const files = new Set(programs.flatMap(({ file }) => (file ? [file.path] : [])));
  return [`${files.size} programs`, `${libraries.length} libraries (strace)`];
}

function packagesOf({ packages }: UsedSoftware): readonly string[] {
  return packages.map(({ name, version }) => `${name} ${version}`);
}
