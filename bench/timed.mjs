import { spawn } from 'node:child_process';

/** Node reads certificates of one's own at every start, which would make everything look fast in comparison. */
const { NODE_EXTRA_CA_CERTS: _, ...rest } = process.env;

/** The environment of measured programs. */
export const environment = rest;

/** Wall time in seconds, and processor time of the program and of all that it and they have waited for, as a shell adds it up. */
export async function timed(command, args, cwd) {
  const started = performance.now();
  const script = '"$@" > /dev/null || exit; times';
  const child = spawn('/bin/sh', ['-c', script, 'sh', command, ...args], { cwd, env: environment, detached: true });
  const [words, complaints] = [textOf(child.stdout), textOf(child.stderr)];
  const code = await new Promise((resolve) => child.once('exit', resolve));
  const wall = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${await complaints}`);
  const [, ofChildren = ''] = (await words).trim().split('\n');
  const cpu = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, m, s]) => sum + 60 * m + Number(s), 0);
  return { wall, cpu };
}

async function textOf(stream) {
  let text = '';
  for await (const piece of stream.setEncoding('utf8')) text += piece;
  return text;
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
