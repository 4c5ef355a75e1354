import { posix } from 'node:path';
import { parse } from 'yaml';
import { isJsonObject, type JsonObject } from '../base/json.ts';

/** What a lock file wants installed. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** Of a conda package, how its record in `conda-meta` is named: `name-version-build`. Undefined for one that pip installs. */
  readonly record: string | undefined;
}

/** Many packages refer to the same anchor. */
const ALIASES = 1_000_000;

/** The packages that a `conda-lock.yml` has for a platform. Those of other categories than `main` need not be there. */
export function packagesOfCondaLock(text: string, platform: string): readonly LockedPackage[] {
  return objectsIn(documentOf(text).package)
    .filter((each) => each.platform === platform && each.optional !== true && (each.category ?? 'main') === 'main')
    .map((each) => ({
      name: String(each.name),
      version: String(each.version),
      record: each.manager === 'pip' ? undefined : recordOf(String(each.url)),
    }));
}

/** The packages that a `pixi.lock` has for an environment on a platform; undefined where it has no such environment. */
export function packagesOfPixiLock(
  text: string,
  environment: string,
  platform: string,
): readonly LockedPackage[] | undefined {
  const { environments, packages } = documentOf(text);
  const own = isJsonObject(environments) ? environments[environment] : undefined;
  const listed = isJsonObject(own) && isJsonObject(own.packages) ? own.packages[platform] : undefined;
  if (!Array.isArray(listed)) return undefined;
  const fromIndex = new Map(
    objectsIn(packages).flatMap((each) => (each.pypi === undefined ? [] : [[each.pypi, each] as const])),
  );
  return objectsIn(listed).flatMap((each): LockedPackage[] => {
    if (typeof each.conda === 'string') {
      const record = recordOf(each.conda);
      return [{ ...partsOf(record), record }];
    }
    const { name, version } = fromIndex.get(each.pypi ?? null) ?? {};
    return name === undefined || version === undefined
      ? []
      : [{ name: String(name), version: String(version), record: undefined }];
  });
}

/** Name and version of a record: neither the version nor the build has a hyphen. */
export function partsOf(record: string): { readonly name: string; readonly version: string } {
  const [, name = record, version = ''] = /^(.+)-([^-]+)-[^-]+$/.exec(record) ?? [];
  return { name, version };
}

/** The name of a platform in conda. */
export function condaPlatform(platform: NodeJS.Platform, architecture: string): string {
  const system = { linux: 'linux', darwin: 'osx', win32: 'win' }[platform as string] ?? platform;
  const processor = architecture === 'x64' ? '64' : architecture;
  return `${system}-${system === 'linux' && architecture === 'arm64' ? 'aarch64' : processor}`;
}

function recordOf(url: string): string {
  return posix.basename(url.replace(/[?#].*$/, '')).replace(/\.(conda|tar\.bz2)$/, '');
}

function documentOf(text: string): JsonObject {
  const document: unknown = parse(text, { maxAliasCount: ALIASES });
  if (!isJsonObject(document)) throw new Error('it is no mapping');
  return document;
}

function objectsIn(list: unknown): readonly JsonObject[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}
