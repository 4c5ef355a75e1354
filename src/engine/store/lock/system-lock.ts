import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

/** Whether others may have the same lock: those that only check whether somebody holds it. */
export type LockMode = 'exclusive' | 'shared';

/** Locks an open file. The lock belongs to the open file: it ends when the file is closed, however the process ends. */
export type LockCall = (descriptor: number, mode: LockMode) => 'locked' | 'held by another';

/** The used part of the addon. It throws EAGAIN for a lock that another open file has. */
interface LockingAddon {
  tryLock(descriptor: number, offset: number, length: number, exclusive: boolean): void;
}

/**
 * Node has no call for such locks. The addon comes compiled with its package. It is loaded without that package's own search, which takes twenty
 * times as long and does not find it on Alpine Linux, where it works.
 *
 * @returns undefined where there is none for this system
 */
function loadAddon(): LockingAddon | undefined {
  try {
    const { platform, arch } = process;
    return createRequire(import.meta.url)(
      `fs-native-extensions/prebuilds/${platform}-${arch}/fs-native-extensions.node`,
    ) as LockingAddon;
  } catch {
    return undefined;
  }
}

export function lockByAddon(): LockCall | undefined {
  const addon = loadAddon();
  return addon && ((descriptor, mode) => lockRange(addon, descriptor, { offset: 0, length: WHOLE_FILE }, mode));
}

const WHOLE_FILE = 0;

function lockRange(
  addon: LockingAddon,
  descriptor: number,
  { offset, length }: { readonly offset: number; readonly length: number },
  mode: LockMode,
): ReturnType<LockCall> {
  try {
    addon.tryLock(descriptor, offset, length, mode === 'exclusive');
    return 'locked';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 'held by another';
    throw error;
  }
}

/** Whether another process has a lock on one byte of a file. Linux only; elsewhere the answer is no. */
export function isByteLocked(descriptor: number, offset: number): boolean {
  const addon = loadAddon();
  try {
    return addon !== undefined && lockRange(addon, descriptor, { offset, length: 1 }, 'shared') === 'held by another';
  } catch {
    return false;
  }
}

const PERL_LOCKED = 0;
const PERL_HELD = 10;
const PERL_FAILED = 11;

/**
 * The same locks as the addon's, so that they exclude each other: locks of an open file (F_OFD_SETLK) on Linux, flock elsewhere. Perl locks
 * the open file that it inherits. The file keeps the lock after Perl has ended.
 */
const PERL = `
my ($mode, $linux) = @ARGV;
open(my $file, $mode eq 'exclusive' ? '+<&=' : '<&=', 3) or exit ${PERL_FAILED};
my $locked = $linux
  ? fcntl($file, 37, pack('s s x![q] q q l x![q]', $mode eq 'exclusive' ? 1 : 0, 0, 0, 0, 0))
  : flock($file, ($mode eq 'exclusive' ? 2 : 1) | 4);
exit ${PERL_LOCKED} if $locked;
print STDERR $!;
exit($!{EAGAIN} || $!{EACCES} || $!{EWOULDBLOCK} ? ${PERL_HELD} : ${PERL_FAILED});
`;

/** For systems that the addon was not compiled for. Perl is part of macOS and of most Linux distributions. */
export const lockByPerl: LockCall = (descriptor, mode) => {
  const args = ['-MErrno', '-e', PERL, mode, process.platform === 'linux' ? '1' : ''];
  const { status, error, stderr } = spawnSync('perl', args, {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    encoding: 'utf8',
  });
  if (status === PERL_LOCKED) return 'locked';
  if (status === PERL_HELD) return 'held by another';
  throw error ?? new Error(stderr.trim() || 'Perl could not lock the file');
};

let call: LockCall | undefined;

/** @throws where the system has no such locks, or neither the addon nor Perl */
export const lockOpenFile: LockCall = (descriptor, mode) => {
  call ??= lockByAddon() ?? lockByPerl;
  return call(descriptor, mode);
};
