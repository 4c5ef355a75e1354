import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { Failure } from '../../base/failure.ts';

/** By the number that Linux gives a file system (statfs(2)). Another kernel may change files there, so neither locks nor shared memory hold. */
const NETWORK_TYPES: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
  [0x01021997, '9p'],
  [0x00c36400, 'CephFS'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
  [0xaad7aaea, 'PanFS'],
  [0x20030528, 'OrangeFS'],
  [0x19830326, 'BeeGFS'],
  [0x786f4256, 'a shared folder of VirtualBox'],
  [0x7c7c6673, 'a shared folder of Parallels'],
  [0xbacbacbc, 'a shared folder of VMware'],
  [0xbeefdead, 'StorNext'],
]);

const FUSE = 0x65735546;

/** FUSE file systems that lie on a disk of this machine. Nothing is known about others. */
const LOCAL_FUSE = new Set([
  'fuseblk',
  'fuse.fuse-overlayfs',
  'fuse.mergerfs',
  'fuse.bindfs',
  'fuse.gocryptfs',
  'fuse.encfs',
  'fuse.cryfs',
  'fuse.ntfs-3g',
  'fuse.ext4',
]);

/**
 * A cache is a database in shared memory, with locks between processes. Both hold within one kernel only.
 *
 * @param directory the cache folder, which may be missing
 * @throws {Failure} kind `store` when it lies on a file system that other machines may write to
 */
export function requireLocalDisk(directory: string): void {
  const network = networkFileSystem(existingFolder(directory));
  if (network === undefined || process.env.VMFDAG_ALLOW_NETWORK_CACHE === '1') return;
  throw new Failure('store', {
    fact: `the cache folder ${directory} lies on a network file system (${network}), where runs of other machines cannot be kept out`,
    fix: `put the cache on a disk of this machine with --cache DIR; if only this machine ever uses the folder, and at your own risk, set VMFDAG_ALLOW_NETWORK_CACHE=1`,
  });
}

function networkFileSystem(folder: string): string | undefined {
  try {
    if (process.platform === 'linux') return linuxNetworkType(statfsSync(folder).type, () => fuseType(folder));
    if (process.platform === 'darwin') return macNetworkType(folder);
    if (process.platform === 'win32') return folder.startsWith('\\\\') ? 'a shared folder' : undefined;
  } catch {
    // The next one that opens the folder reports what is wrong with it.
  }
  return undefined;
}

/**
 * @param type as statfs gives it
 * @param fuse the name of a FUSE file system in the table of mounts: `fuse.sshfs`
 */
export function linuxNetworkType(type: number, fuse: () => string | undefined): string | undefined {
  // On 32-bit machines the number is signed.
  const number = type >>> 0;
  if (number !== FUSE) return NETWORK_TYPES.get(number);
  const name = fuse();
  if (name === undefined) return 'FUSE';
  return LOCAL_FUSE.has(name) ? undefined : name;
}

function fuseType(folder: string): string | undefined {
  const { dev } = statSync(folder, { bigint: true });
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return mountedType(readFileSync('/proc/self/mountinfo', 'utf8'), `${major}:${minor}`);
}

/** The type of the file system on a device, in the form of /proc/self/mountinfo. */
export function mountedType(mountinfo: string, device: string): string | undefined {
  const found = mountinfo.split('\n').find((line) => line.split(' ')[2] === device);
  return found?.split(' - ')[1]?.split(' ')[0];
}

const MAC_NETWORK_TYPES = new Set(['nfs', 'smbfs', 'afpfs', 'webdav', 'ftp', 'macfuse', 'osxfuse', 'virtiofs', '9p']);

/** macOS numbers file systems as it loads them. Asking `mount` takes longer, so the disk of the home folder counts as local. */
function macNetworkType(folder: string): string | undefined {
  const { dev } = statSync(folder);
  if (dev === statSync('/').dev || dev === statSync(homedir()).dev) return undefined;
  return macMountedType(execFileSync('mount', { encoding: 'utf8' }), folder);
}

/** The type of the network file system that a folder lies on, from the output of macOS's `mount`: `//me@nas/data on /Volumes/data (smbfs, nodev)`. */
export function macMountedType(mounts: string, folder: string): string | undefined {
  let best: { point: string; type: string } | undefined;
  for (const line of mounts.split('\n')) {
    const match = / on (?<point>\/.*) \((?<type>[^,)]+)[^)]*\)$/.exec(line)?.groups as typeof best;
    if (!match || !`${folder}/`.startsWith(match.point === '/' ? '/' : `${match.point}/`)) continue;
    if (!best || match.point.length > best.point.length) best = match;
  }
  return best && MAC_NETWORK_TYPES.has(best.type) ? best.type : undefined;
}

function existingFolder(directory: string): string {
  let folder = directory;
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
