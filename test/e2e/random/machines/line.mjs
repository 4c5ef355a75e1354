// A connection such as that of ssh, which can be disturbed:  node line.mjs FOLDER PROGRAM ARGUMENTS...
// It passes input and output of the program on. FOLDER/PID.sock takes one command for each connection:
//   stall MILLISECONDS   nothing passes, in either direction
//   slow MILLISECONDS    each piece waits so long, until the next command
//   cut BYTES            ends within the output, after so many further bytes
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [folder, program, ...args] = process.argv.slice(2);
// The other side is on its own machine: it is in no process group of this one.
const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
const state = { until: 0, each: 0, left: Number.POSITIVE_INFINITY };
const socket = join(folder, `${process.pid}.sock`);

const end = (code) => {
  rmSync(socket, { force: true });
  child.stdin.destroy();
  process.exit(code);
};

async function pass(from, to, limited) {
  try {
    for await (let piece of from) {
      if (state.each > 0) await sleep(state.each);
      for (let wait = state.until - Date.now(); wait > 0; wait = state.until - Date.now()) await sleep(wait);
      const isLast = limited && piece.length >= state.left;
      if (isLast) piece = piece.subarray(0, state.left);
      else if (limited) state.left -= piece.length;
      await new Promise((resolve) => to.write(piece, resolve));
      if (isLast) {
        process.stderr.write('client_loop: send disconnect: Broken pipe\n');
        end(255);
      }
    }
  } catch {
    // The end of one direction.
  }
  to.end();
}

for (const stream of [child.stdin, process.stdout]) stream.on('error', () => {});
child.on('exit', (code) => setTimeout(() => end(code ?? 255), 50));
void pass(process.stdin, child.stdin, false);
void pass(child.stdout, process.stdout, true);

createServer((connection) => {
  connection.on('error', () => {});
  connection.on('data', (text) => {
    const [what, number] = String(text).trim().split(' ');
    state.each = what === 'slow' ? Number(number) : 0;
    if (what === 'stall') state.until = Date.now() + Number(number);
    if (what === 'cut') state.left = Number(number);
    connection.end();
  });
}).listen(socket);
