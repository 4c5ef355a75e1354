import { fileURLToPath } from 'node:url';
import type { SharedCacheSettings } from '../settings/settings.ts';
import { folderRemote } from './remotes/folder-remote.ts';
import { webRemote } from './remotes/http-remote.ts';
import type { Remote } from './remotes/remote.ts';
import { s3Remote } from './remotes/s3-remote.ts';
import { SharedCache } from './shared-cache.ts';
import { signatures } from './signatures.ts';

/**
 * The shared cache of the settings. Nothing is asked yet.
 * @param isPatient whether look-ups may take as long as they take
 * @param warn called when it is not asked any more, with the reason
 * @throws {Failure} kind `usage` for keys that cannot be read, and missing credentials
 */
export function openSharedCache(
  { url, keys, compress }: SharedCacheSettings,
  environment: NodeJS.ProcessEnv,
  isPatient: boolean,
  warn: (fact: string) => void,
): SharedCache {
  return new SharedCache(remoteOf(url, environment), { signatures: signatures(keys), compress, isPatient, warn });
}

function remoteOf(url: URL, environment: NodeJS.ProcessEnv): Remote {
  switch (url.protocol) {
    case 'file:':
      return folderRemote(fileURLToPath(url));
    case 's3:':
      return s3Remote(url, environment);
    default:
      return webRemote(url, environment.VMFDAG_SHARED_CACHE_TOKEN);
  }
}
