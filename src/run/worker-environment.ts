/**
 * How glibc's malloc is to behave in a worker; other C libraries do not read it. A training step frees and takes large arrays
 * a thousand times a second. Left alone, malloc gives each back to the system, which has to find and clear its pages anew.
 */
const GLIBC_TUNABLES = [
  ['glibc.malloc.mmap_threshold', 2 ** 30],
  ['glibc.malloc.trim_threshold', 2 ** 32],
  ['glibc.malloc.top_pad', 2 ** 26],
  // Large pages where the system has them on request (glibc 2.35 and newer).
  ['glibc.malloc.hugetlb', 1],
] as const;

/** The environment of a worker: that of the command, with what makes memory cheap, unless the user has settled that. */
export function workerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSettled =
    environment.GLIBC_TUNABLES !== undefined || Object.keys(environment).some((name) => name.startsWith('MALLOC_'));
  if (isSettled) return environment;
  return { ...environment, GLIBC_TUNABLES: GLIBC_TUNABLES.map(([name, value]) => `${name}=${value}`).join(':') };
}
