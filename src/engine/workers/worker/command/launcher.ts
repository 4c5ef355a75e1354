import { spawn } from 'node:child_process';
import { constants as access, accessSync } from 'node:fs';
import { constants } from 'node:os';
import type { Duplex } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import type { ProgramLine } from '../../../environments/program-line.ts';
import { setupMark } from '../../unnamed-programs.ts';

const PERL = '/usr/bin/perl';

/** The descriptor on which it gets requests, and answers them. Programs do not inherit it. */
const WIRE = 3;

/** The call by which what has lost its parent becomes a child of the launcher: then it knows whether something is left of a program. */
const PRCTL: Readonly<Record<string, number>> = { 'linux x64': 157, 'linux arm64': 167 };

/** What wait(2) returns where no child is left. */
const NO_CHILD = '-1';

/** Of the number of bytes that follow. */
const HEADER_DIGITS = 8;

/**
 * It closes what it inherits: LMDB opens the cache file without close-on-exec, and a program could write to it, or keep its disk from being unmounted.
 * A request is a folder, the number of arguments, the arguments and the environment, divided by null characters. The answers to it are `started
 * GROUP` and `ended STATUS LEFT`, between them `refused ERROR` where the system does not start the program. A program leads a process group: both sides
 * say so, since either may be first.
 */
const PROGRAM = `
open my $wire, '+<&=', ${WIRE} or exit 1;
fcntl $wire, 2, 1;
if (opendir my $descriptors, '/dev/fd') {
  my @inherited = grep { /^\\d+$/ && $_ > ${WIRE} } readdir $descriptors;
  closedir $descriptors;
  for my $number (@inherited) { close $file if open my $file, '<&=', $number }
}
my $adopts = $ARGV[1] && syscall($ARGV[1] + 0, 36, 1, 0, 0, 0) == 0;
for (;;) {
  my ($request, $size) = ('', ${HEADER_DIGITS});
  while (length $request < $size) {
    sysread $wire, $request, 65536, length $request or exit 0;
    $size = ${HEADER_DIGITS} + substr $request, 0, ${HEADER_DIGITS} if length $request >= ${HEADER_DIGITS};
  }
  my ($folder, $count, @rest) = split /\\0/, substr($request, ${HEADER_DIGITS}), -1;
  my @line = splice @rest, 0, $count;
  %ENV = map { split /=/, $_, 2 } @rest;
  my $pid = fork;
  if (!defined $pid) { syswrite $wire, sprintf "refused %d\\nended 0 1\\n", $!; next }
  if ($pid == 0) {
    setpgrp 0, 0;
    exec { $line[0] } @line if chdir $folder;
    syswrite $wire, sprintf "refused %d\\n", $!;
    kill 'KILL', $$;
  }
  setpgrp $pid, $pid;
  syswrite $wire, "started $pid\\n";
  waitpid $pid, 0;
  my ($status, $left) = ($?, 1);
  if ($adopts) { do { $left = waitpid -1, 1 } while $left > 0 }
  syswrite $wire, "ended $status $left\\n";
}
`;

/** How a program ended that was started. */
export type LaunchedEnd =
  | {
      readonly kind: 'exit';
      readonly code: number;
      /** Whether nothing is alive that it has started, in whatever group and session. */
      readonly isLast: boolean;
    }
  | { readonly kind: 'signal'; readonly signal: NodeJS.Signals }
  | { readonly kind: 'not started'; readonly error: NodeJS.ErrnoException };

export interface Launch {
  readonly line: ProgramLine;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * A small process that starts programs for this one, one at a time. A copy of this process, from which Node starts a program, costs more than most
 * short programs take.
 */
export interface Launcher {
  /** @param onStart is told the program's process group */
  run(launch: Launch, onStart: (group: number) => void): Promise<LaunchedEnd>;
  /** Settles when it has ended. Call it only while no program runs. */
  end(): Promise<void>;
}

/**
 * Starts one, in the process group of this process; undefined where there is no Perl.
 * @param onDeath is called if it ends before it was asked to: what it had started is then without a parent
 */
export function startLauncher(lease: string, onDeath: () => void): Launcher | undefined {
  try {
    accessSync(PERL, access.X_OK);
  } catch {
    return undefined;
  }
  // Who looks for what an ended worker has started finds a copy of it by the mark.
  const child = spawn(
    PERL,
    ['-e', PROGRAM, setupMark(lease), String(PRCTL[`${process.platform} ${process.arch}`] ?? 0)],
    {
      cwd: '/',
      env: {},
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    },
  );
  const wire = child.stdio[WIRE] as unknown as Duplex;
  const answers = new Answers();
  wire.setEncoding('latin1').on('data', (text: string) => answers.take(text));
  wire.on('error', () => {});
  let isEnding = false;
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      if (!isEnding) onDeath();
      resolve();
    };
    child.on('error', end);
    child.on('exit', end);
  });
  return {
    run({ line, folder, environment }, onStart) {
      return new Promise((resolve) => {
        answers.expect(onStart, (end, refusal) => resolve(endOf(end, refusal, line)));
        wire.write(requestOf({ line, folder, environment }));
      });
    },
    end() {
      isEnding = true;
      wire.end();
      return ended;
    },
  };
}

/** Whether it can carry the texts of a program. */
export function isLaunchable({ line, folder, environment }: Launch): boolean {
  const texts = [line.program, ...line.arguments, folder, ...Object.entries(environment).flat()];
  return texts.every((text) => !text?.includes('\0'));
}

function requestOf({ line, folder, environment }: Launch): Buffer {
  const variables = Object.entries(environment).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const words = [line.program, ...line.arguments];
  const fields = [folder, String(words.length), ...words, ...variables];
  const text = Buffer.from(`${'0'.repeat(HEADER_DIGITS)}${fields.join('\0')}`);
  text.write(String(text.length - HEADER_DIGITS).padStart(HEADER_DIGITS, '0'), 'latin1');
  return text;
}

interface ToldEnd {
  readonly status: number;
  readonly isLast: boolean;
}

/** @param refusal the error for which the program was not started */
type EndListener = (end: ToldEnd, refusal: number | undefined) => void;

/** The answers to the present request. */
class Answers {
  private part = '';
  private refusal: number | undefined;
  private onStart: (group: number) => void = () => {};
  private onEnd: EndListener = () => {};

  expect(onStart: (group: number) => void, onEnd: EndListener): void {
    this.refusal = undefined;
    this.onStart = onStart;
    this.onEnd = onEnd;
  }

  take(text: string): void {
    const lines = (this.part + text).split('\n');
    this.part = lines.pop() ?? '';
    for (const line of lines) {
      const [word, number = '', left] = line.split(' ');
      if (word === 'started') this.onStart(Number(number));
      else if (word === 'refused') this.refusal = Number(number);
      else if (word === 'ended') this.onEnd({ status: Number(number), isLast: left === NO_CHILD }, this.refusal);
    }
  }
}

/** The status is as wait(2) has it: the signal, or the exit code above it. */
function endOf({ status, isLast }: ToldEnd, refusal: number | undefined, { program }: ProgramLine): LaunchedEnd {
  if (refusal !== undefined) {
    const code = getSystemErrorName(-refusal);
    return { kind: 'not started', error: Object.assign(new Error(`spawn ${program} ${code}`), { code }) };
  }
  const signal = status & 127;
  return signal === 0 ? { kind: 'exit', code: status >> 8, isLast } : { kind: 'signal', signal: nameOf(signal) };
}

function nameOf(signal: number): NodeJS.Signals {
  const [name = `signal ${signal}`] = Object.entries(constants.signals).find(([, number]) => number === signal) ?? [];
  return name as NodeJS.Signals;
}
