import { exec } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Options } from 'pacote';
import { isJsonObject } from '../../../engine/base/json.ts';

/** How to reach the registry, in pacote's terms. */
export type RegistryOptions = Readonly<Options>;

/** npm's settings by their names in npmrc files. Values are text, or values of npm's JSON. */
type NpmSettings = Readonly<Record<string, unknown>>;

type Environment = Readonly<Record<string, string | undefined>>;

const runShell = /* @__PURE__ */ promisify(exec);

const SPAWN_LIMIT_MILLISECONDS = 20_000;

/**
 * Reads the configuration that `npm install` would use here: registry, credentials, proxy, certificates, cache.
 *
 * It asks npm itself, since only npm knows all places and defaults. But npm does not print secrets (tokens, proxies with a
 * password), so these are looked up in the environment and the npmrc files. Without npm, there are only these.
 *
 * @param folder of a project's `.npmrc`, if there is one
 */
export async function readNpmConfiguration(folder: string, environment: Environment): Promise<RegistryOptions> {
  const printed = await askNpm(folder, environment);
  const fromEnvironment = settingsOfEnvironment(environment);
  const named = { ...fromEnvironment, ...printed };
  const home = environment.HOME ?? environment.USERPROFILE;
  const userFile = text(named, 'userconfig') ?? (home && join(home, '.npmrc'));
  const files = [text(named, 'globalconfig'), userFile, join(folder, '.npmrc')];
  const fromFiles: Record<string, unknown> = {};
  for (const file of files) {
    if (file) Object.assign(fromFiles, parseNpmrc((await readIfThere(file)) ?? '', environment));
  }
  const settings = { ...fromFiles, ...fromEnvironment, ...printed };
  const authorities = text(settings, 'cafile');
  return registryOptions(settings, authorities === undefined ? undefined : await readIfThere(authorities));
}

/** Empty if there is no npm, or it does not work. */
async function askNpm(folder: string, environment: Environment): Promise<NpmSettings> {
  try {
    // Through a shell, since npm is a script on some systems and a .cmd file on others.
    const { stdout } = await runShell('npm config list --json', {
      cwd: folder,
      env: environment as NodeJS.ProcessEnv,
      timeout: SPAWN_LIMIT_MILLISECONDS,
    });
    const printed: unknown = JSON.parse(stdout);
    return isJsonObject(printed) ? printed : {};
  } catch {
    return {};
  }
}

/** `npm_config_strict_ssl` is the setting `strict-ssl`; the names of credentials (`//host/:_authToken`) are kept. */
function settingsOfEnvironment(environment: Environment): NpmSettings {
  const settings: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const setting = /^npm_config_(.+)$/i.exec(name)?.[1];
    if (setting === undefined || !value) continue;
    settings[setting.startsWith('//') ? setting : setting.toLowerCase().replace(/(?!^)_/g, '-')] = value;
  }
  return settings;
}

/** Reads the `name = value` lines of an npmrc file; `${VARIABLE}` and `${VARIABLE?}` stand for environment variables. */
function parseNpmrc(source: string, environment: Environment): NpmSettings {
  const settings: Record<string, string> = {};
  for (const line of source.split(/\r?\n/)) {
    const [, name, value] = /^\s*([^\s;#=][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const expand = (part: string) =>
      part.replace(/\$\{([^${}?]+)(\?)?\}/g, (whole, variable: string, optional: string | undefined) => {
        return environment[variable] ?? (optional ? '' : whole);
      });
    settings[expand(name)] = expand(/^(["'])(.*)\1$/.exec(value)?.[2] ?? value);
  }
  return settings;
}

/** Translates npm's settings for pacote. Names beginning with `//` are credentials, which pacote picks by registry. */
function registryOptions(settings: NpmSettings, certificateAuthorities: string | undefined): RegistryOptions {
  const options: Record<string, unknown> = {};
  const registry = withoutCredentials(text(settings, 'registry'));
  Object.assign(options, registry.credentials);
  for (const [name, value] of Object.entries(settings)) {
    if (name.startsWith('//')) options[name] = value;
  }
  const cache = text(settings, 'cache');
  const noProxy = settings.noproxy;
  const translated: Record<string, unknown> = {
    registry: registry.address,
    replaceRegistryHost: text(settings, 'replace-registry-host'),
    cache: cache && join(cache, '_cacache'),
    proxy: text(settings, 'proxy'),
    httpsProxy: text(settings, 'https-proxy'),
    noProxy: Array.isArray(noProxy) ? noProxy.filter(Boolean).join(',') || undefined : text(settings, 'noproxy'),
    ca: certificateAuthorities ?? authoritiesOf(settings.ca),
    cert: text(settings, 'cert'),
    key: text(settings, 'key'),
    strictSSL: flag(settings, 'strict-ssl'),
    localAddress: text(settings, 'local-address'),
    offline: flag(settings, 'offline'),
    preferOffline: flag(settings, 'prefer-offline'),
    preferOnline: flag(settings, 'prefer-online'),
  };
  // pacote's own defaults apply only to absent settings.
  for (const [name, value] of Object.entries(translated)) {
    if (value !== undefined) options[name] = value;
  }
  return options;
}

/** User and password of a registry's address, as npm's setting: then no message and no cache of npm contains them. */
function withoutCredentials(registry: string | undefined): {
  readonly address: string | undefined;
  readonly credentials: Readonly<Record<string, string>>;
} {
  if (registry === undefined || !URL.canParse(registry)) return { address: registry, credentials: {} };
  const address = new URL(registry);
  const { username, password } = address;
  if (username === '' && password === '') return { address: registry, credentials: {} };
  address.username = '';
  address.password = '';
  const scope = `//${address.host}${address.pathname.replace(/\/?$/, '/')}`;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { address: address.href, credentials: { [`${scope}:_auth`]: Buffer.from(pair).toString('base64') } };
}

function authoritiesOf(value: unknown): string | string[] | undefined {
  if (Array.isArray(value)) return value.length > 0 ? value.map(String) : undefined;
  return typeof value === 'string' && value !== '' && value !== 'null' ? value : undefined;
}

function text(settings: NpmSettings, name: string): string | undefined {
  const value = settings[name];
  return typeof value === 'string' && value !== '' && value !== 'null' && value !== 'false' ? value : undefined;
}

function flag(settings: NpmSettings, name: string): boolean | undefined {
  const value = settings[name];
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
