/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** These can change a result (time zone, order and form of texts and numbers), so they are the same on every machine. */
const FIXED: Environment = { TZ: 'UTC', LC_ALL: 'C.UTF-8', LANG: 'C.UTF-8' };

/**
 * Variables that locate things and say how to reach them. None of them is meant to change a result. All others are
 * hidden from stages that do not name them: NODE_OPTIONS, NODE_PATH, OMP_NUM_THREADS or PYTHONPATH can change one.
 */
const LOCATING: readonly RegExp[] = [
  /^(PATH|HOME|USERPROFILE|USER|LOGNAME|SHELL|TMPDIR|TMP|TEMP|XDG_[A-Z_]+)$/,
  // Shared libraries and devices, which the compute identity names.
  /^(LD_LIBRARY_PATH|DYLD_(FALLBACK_)?LIBRARY_PATH|CUDA_(HOME|PATH|VISIBLE_DEVICES|DEVICE_ORDER))$/,
  // The network: downloads are checked with a digest. uv checks with its lock file what it installs.
  /^(https?|no|all)_proxy$/i,
  /^(SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS)$/,
  /^npm_config_/i,
  /^UV_/,
  // Where programs that provide environments of commands keep them.
  /^(MAMBA_|PIXI_(HOME|CACHE_DIR)$|RATTLER_CACHE_DIR$|RENV_PATHS_|CONTAINERS?_|DOCKER_|DBUS_SESSION_BUS_ADDRESS$)/,
  /^APPTAINER_(CACHEDIR|TMPDIR|CONFIGDIR)$/,
  // Memory and messages, which change no result.
  /^(MALLOC_|TF_CPP_MIN_LOG_LEVEL$)/,
];

/**
 * Settings of glibc's malloc in a worker; other C libraries ignore them. A training step frees and takes large arrays
 * a thousand times a second. By default, malloc returns each of them to the system, which then has to find and clear new pages.
 */
const GLIBC_TUNABLES = [
  ['glibc.malloc.mmap_threshold', 2 ** 30],
  ['glibc.malloc.trim_threshold', 2 ** 32],
  ['glibc.malloc.top_pad', 2 ** 26],
  // Large pages where the system has them on request (glibc 2.35 and newer).
  ['glibc.malloc.hugetlb', 1],
] as const;

/**
 * The environment of a worker: the fixed values, what locates things, and the variables that the worker's stages name.
 *
 * @param declared the variables and secrets of its stages; undefined for one that is not set
 */
export function workerEnvironment(environment: Environment, declared: Environment = {}): NodeJS.ProcessEnv {
  const locating = Object.entries(environment).filter(([name]) => LOCATING.some((pattern) => pattern.test(name)));
  return {
    ...Object.fromEntries(locating),
    ...FIXED,
    ...memorySettings(environment),
    ...declared,
  };
}

/** The user's settings, if there are any. Of glibc's tunables only malloc's: others choose variants of `exp` and `sin`. */
function memorySettings(environment: Environment): Environment {
  const settled = (environment.GLIBC_TUNABLES ?? '').split(':').filter((entry) => entry.startsWith('glibc.malloc.'));
  if (settled.length > 0) return { GLIBC_TUNABLES: settled.join(':') };
  if (Object.keys(environment).some((name) => name.startsWith('MALLOC_'))) return {};
  return { GLIBC_TUNABLES: GLIBC_TUNABLES.map(([name, value]) => `${name}=${value}`).join(':') };
}
