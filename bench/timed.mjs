import { spawn } from 'node:child_process';

/** Node reads certificates of one's own at every start, which would make everything look fast in comparison. */
const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;

/** The environment of measured programs. */
export const environment = rest;

/** Wall time in seconds, and processor time of the program and of all that it and they have waited for, as bash adds it up: to the millisecond. */
export async function timed(command, args, cwd) {
  const started = performance.now();
  const script = `TIMEFORMAT='%U %S'; time "$@" > /dev/null`;
  const child = spawn('bash', ['-c', script, 'bash', command, ...args], {
    cwd,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const words = textOf(child.stderr);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const wall = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${await words}`);
  const [user, system] = (await words).trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system };
}

async function textOf(stream) {
  let text = '';
  for await (const piece of stream.setEncoding('utf8')) text += piece;
  return text;
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
