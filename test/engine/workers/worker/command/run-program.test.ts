import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Launcher, startLauncher } from '../../../../../src/engine/workers/worker/command/launcher.ts';
import { Programs } from '../../../../../src/engine/workers/worker/command/run-program.ts';

const launcher = startLauncher('a-lease', () => {});
const isThere = launcher !== undefined;
await launcher?.end();

let folder: string;
let programs: Programs;
const died = vi.fn();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vmfdag-programs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => programs.end());

/** What a program wrote to the file `out`. */
async function outputOf(program: string, ...given: string[]): Promise<string> {
  await run(program, ...given);
  return readFileSync(join(folder, 'out'), 'utf8');
}

function run(program: string, ...given: string[]) {
  const environment = { PATH: process.env.PATH, EMPTY: '', EQUALS: 'a=b=c', UNICODE: 'é\n"' };
  return programs.run({ line: { program, arguments: given }, folder, environment }, () => {});
}

const ways: readonly (readonly [string, () => Launcher | undefined])[] = [
  ['a launcher', () => startLauncher('a-lease', died)],
  ['this process', () => undefined],
];

describe.each(ways)('a program that is started by %s', (name, start) => {
  const reason = name === 'a launcher' && !isThere;
  const way = name === 'a launcher' ? 'known' : 'unknown';

  it.skipIf(reason)('has its arguments to the byte', async () => {
    programs = new Programs(start);
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' })).filter((each) => !each.includes('\0'));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 6 }), async (given) => {
        const told = await outputOf('sh', '-c', 'printf "%s\\0" "$@" > out', 'sh', ...given);
        const expected = given.length === 0 ? '\0' : given.map((each) => `${Buffer.from(each)}\0`).join('');
        expect(told).toBe(expected);
      }),
      { numRuns: 50 },
    );
  });

  it.skipIf(reason)('has long arguments', async () => {
    programs = new Programs(start);
    const long = 'x'.repeat(100_000);
    expect(await outputOf('sh', '-c', 'printf %s "$1" > out', 'sh', long)).toBe(long);
  });

  it.skipIf(reason)('has its environment and nothing else', async () => {
    programs = new Programs(start);
    const variables = (await outputOf('sh', '-c', 'cat /proc/self/environ > out')).split('\0').filter(Boolean).sort();
    const own = ['EMPTY=', 'EQUALS=a=b=c', `PATH=${process.env.PATH}`, 'UNICODE=é\n"'];
    expect(variables.filter((each) => !each.startsWith('PWD='))).toEqual(own);
  });

  it.skipIf(reason)(
    'starts in its folder, leads its group, and has no signal ignored and no descriptor open',
    async () => {
      programs = new Programs(start);
      const script =
        'pwd; read -r stat < /proc/$$/stat; set -- $(echo "$stat" | sed "s/.*) //"); [ "$3" = $$ ] && echo leads; grep -E "Sig(Ign|Blk)" /proc/self/status; ls /proc/$$/fd';
      const told = await outputOf('sh', '-c', `{ ${script}; } > out`);
      const lines = told.split('\n');
      expect(lines[0]).toBe(folder);
      expect(lines[1]).toBe('leads');
      expect(lines.slice(2, 4)).toEqual(['SigBlk:\t0000000000000000', 'SigIgn:\t0000000000000000']);
      // The shell saves descriptors that it replaces from 10 on.
      expect(lines.slice(4).filter((each) => each !== '' && Number(each) < 10)).toEqual(['0', '1', '2']);
    },
  );

  it.skipIf(reason)('tells how it ended', async () => {
    programs = new Programs(start);
    const left = way === 'known' ? 'nothing' : 'unknown';
    expect(await run('sh', '-c', 'exit 0')).toEqual({ kind: 'exit', code: 0, left });
    expect(await run('sh', '-c', 'exit 255')).toEqual({ kind: 'exit', code: 255, left });
    for (const signal of ['KILL', 'SEGV', 'TERM', 'PIPE'] as const) {
      expect(await run('sh', '-c', `ulimit -c 0; kill -${signal} $$`)).toEqual({
        kind: 'signal',
        signal: `SIG${signal}`,
      });
    }
    expect(await run('no-such-program')).toMatchObject({ kind: 'not started', error: { code: 'ENOENT' } });
    expect(await run('./out')).toMatchObject({ kind: 'not started', error: { code: 'EACCES' } });
    expect(await run('sh', '-c', 'exit 3')).toEqual({ kind: 'exit', code: 3, left });
  });

  it.skipIf(reason)('leaves nothing of its group behind', async () => {
    programs = new Programs(start);
    expect(await run('sh', '-c', 'sleep 4410 &')).toEqual({ kind: 'exit', code: 0, left: 'killed' });
    expect(pidsOf('sleep\x004410\0')).toEqual([]);
  });

  it.skipIf(reason)('is known to have left something in another session', async () => {
    programs = new Programs(start);
    const end = await run('sh', '-c', 'setsid sleep 4411 > out & sleep 0.2; exit 0');
    expect(end).toEqual({ kind: 'exit', code: 0, left: 'unknown' });
    // Nothing else can end it.
    for (const pid of pidsOf('sleep\x004411\0')) process.kill(pid, 'SIGKILL');
  });

  it.skipIf(reason)('may have anything in its arguments but null characters', async () => {
    programs = new Programs(start);
    await expect(run('sh', '-c', 'true', 'a\0b')).rejects.toThrow('null bytes');
  });
});

describe.skipIf(!isThere)('a launcher', () => {
  it('is missed when it dies, and not when it is ended', async () => {
    programs = new Programs(() => startLauncher('another-lease', died));
    await run('true');
    await programs.end();
    expect(died).not.toHaveBeenCalled();
    void run('sh', '-c', 'kill -9 $PPID');
    await vi.waitFor(() => expect(died).toHaveBeenCalledTimes(1));
  });
});

function pidsOf(commandLine: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === commandLine;
      } catch {
        return false;
      }
    });
}
