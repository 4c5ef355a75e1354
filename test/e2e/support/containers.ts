import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const BUSYBOX = '/bin/busybox';

/** Runs where nothing manages control groups and networks. */
const SETTINGS = `[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
netns = "none"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

const PROGRAMS = ['sh', 'cat', 'env', 'id', 'ls', 'sleep', 'touch', 'wc', 'ip', 'sort'];

/** The root of a file system that has the programs of busybox, and nothing else. */
export function makeRoot(folder: string): void {
  for (const name of ['bin', 'proc', 'dev', 'sys', 'tmp', 'etc']) mkdirSync(join(folder, name), { recursive: true });
  copyFileSync(BUSYBOX, join(folder, 'bin/busybox'));
  for (const name of PROGRAMS) symlinkSync('busybox', join(folder, 'bin', name));
}

/** Why no such root can be made here; undefined where it can. */
export function whyNoRoot(): string | undefined {
  const { status, stdout } = spawnSync(BUSYBOX, ['--help'], { encoding: 'utf8' });
  if (status !== 0) return 'there is no busybox (on Debian: apt-get install busybox-static)';
  const linked = spawnSync('ldd', [BUSYBOX], { encoding: 'utf8' });
  return linked.status === 0 && stdout !== ''
    ? 'busybox is not static (on Debian: apt-get install busybox-static)'
    : undefined;
}

/** Images of podman in a folder of their own. */
export interface Images {
  /** What podman has to be started with. */
  readonly env: Readonly<Record<string, string>>;
  podman(...args: readonly string[]): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  };
}

export function imagesIn(folder: string): Images {
  writeFileSync(join(folder, 'containers.conf'), SETTINGS);
  const storage = `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/images"\nrunroot = "${folder}/run"\n`;
  writeFileSync(join(folder, 'storage.conf'), storage);
  const env = {
    CONTAINERS_CONF: join(folder, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
  };
  const podman = (...args: readonly string[]) =>
    spawnSync('podman', args, { encoding: 'utf8', env: { ...process.env, ...env } });
  return { env, podman };
}

/** Imports a root as an image. @returns its name with its digest, or why that is impossible */
export function importRoot({ podman }: Images, root: string): { readonly image: string } | { readonly why: string } {
  const archive = `${root}.tar`;
  spawnSync('tar', ['-C', root, '-cf', archive, '.']);
  const imported = podman('import', '-q', archive, 'tiny:1');
  if (imported.status !== 0) return { why: `podman cannot import: ${imported.stderr || 'it is not there'}` };
  const image = podman('image', 'inspect', '--format', '{{index .RepoDigests 0}}', 'tiny:1').stdout.trim();
  const tried = podman('run', '--rm', '--network=none', image, 'env');
  return tried.status === 0 ? { image } : { why: `podman cannot run: ${tried.stderr.trim()}` };
}
