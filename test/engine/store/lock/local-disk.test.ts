import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import {
  linuxNetworkType,
  macMountedType,
  mountedType,
  requireLocalDisk,
} from '../../../../src/engine/store/lock/local-disk.ts';

const FUSE = 0x65735546;
const nobodyAsks = () => {
  throw new Error('the table of mounts was read');
};

describe('a file system of Linux', () => {
  it('is recognised by its number', () => {
    for (const [type, name] of [
      [0x6969, 'NFS'],
      [0x0bd00bd0, 'Lustre'],
      [0x01021997, '9p'],
      [0xff534d42, 'CIFS'],
      // As machines of 32 bits give it.
      [0xff534d42 - 2 ** 32, 'CIFS'],
    ] as const) {
      expect(linuxNetworkType(type, nobodyAsks)).toBe(name);
    }
    // ext4, xfs, btrfs, tmpfs, overlay, zfs
    for (const type of [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1]) {
      expect(linuxNetworkType(type, nobodyAsks)).toBeUndefined();
    }
  });

  it('by FUSE counts as one of the network unless it is known to be local', () => {
    for (const name of ['fuse.sshfs', 'virtiofs', 'fuse.s3fs', 'fuse.something-new']) {
      expect(linuxNetworkType(FUSE, () => name)).toBe(name);
    }
    expect(linuxNetworkType(FUSE, () => undefined)).toBe('FUSE');
    for (const name of ['fuseblk', 'fuse.fuse-overlayfs']) {
      expect(linuxNetworkType(FUSE, () => name)).toBeUndefined();
    }
  });

  it('is named as the table of mounts names it', () => {
    const table = `22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
60 22 0:52 / /home/me/remote\\040data rw,nosuid,nodev - fuse.sshfs me@host:/ rw,user_id=0
61 22 0:53 /sub /mnt rw master:1 shared:3 - virtiofs share rw
`;
    expect(['254:1', '0:52', '0:53', '0:5'].map((device) => mountedType(table, device))).toEqual([
      'ext4',
      'fuse.sshfs',
      'virtiofs',
      undefined,
    ]);
  });
});

it('of macOS is named by what mount prints', () => {
  const mounts = `/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
//me@nas._smb._tcp.local/data on /Volumes/My data (smbfs, nodev, nosuid, mounted by me)
nas:/export on /Volumes/My data/inner (nfs)
/dev/disk5s1 on /Volumes/stick (msdos, local)
`;
  const type = (folder: string) => macMountedType(mounts, folder);
  expect(type('/Volumes/My data/project/cache')).toBe('smbfs');
  expect(type('/Volumes/My data/inner')).toBe('nfs');
  expect(type('/Volumes/My database')).toBeUndefined();
  expect(type('/Volumes/stick/cache')).toBeUndefined();
});

it('a folder that is not there yet counts by the nearest one that is', () => {
  requireLocalDisk(`${tmpdir()}/not/there`);
});
