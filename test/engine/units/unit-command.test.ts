import { describe, expect, it, onTestFinished } from 'vitest';
import type { Frame } from '../../../src/engine/units/frames.ts';
import { UnitCommand } from '../../../src/engine/units/unit-command.ts';
import { temporaryFolder } from '../store/fixtures.ts';

function command(line: readonly string[], onFrame: (frame: Frame) => void = () => {}): UnitCommand {
  return new UnitCommand(line, temporaryFolder(), undefined, (frame) => void onFrame(frame));
}

describe('a command line with a unit at its other end', () => {
  it('has ended with its process, although a program that it has left behind holds its pipes', async () => {
    const heard: unknown[] = [];
    const leaves = `setsid sh -c 'echo $$ > pid; exec sleep 120' & while [ ! -s pid ]; do sleep 0.02; done; cat pid`;
    const line = `${leaves}; echo '{"type":"hello"}'; echo 'no room there' >&2; exit 3`;
    const unit = command(['sh', '-c', line], ({ message }) => heard.push(message.type));
    onTestFinished(() => {
      process.kill(Number(unit.connection.prologue.trim()));
    });
    expect(await unit.ended).toEqual({ how: 'ended with exit code 3', words: 'no room there' });
    expect(heard).toEqual(['hello']);
  });

  it('is read to its end, however slowly', async () => {
    let count = 0;
    const unit = new UnitCommand(
      ['sh', '-c', `for i in $(seq 400); do echo '{"type":"more"}'; done; echo the end >&2; exit 1`],
      temporaryFolder(),
      undefined,
      async () => {
        await new Promise((done) => setTimeout(done, 1));
        count++;
      },
    );
    expect(await unit.ended).toEqual({ how: 'ended with exit code 1', words: 'the end' });
    expect(count).toBe(400);
  });

  it('says why it could not be started, and nothing else', async () => {
    const { how, words } = await command(['/no/such/program']).ended;
    expect(how).toBe('could not be started (spawn /no/such/program ENOENT)');
    expect(words).toBe('');
  });

  it('that speaks another language is ended', async () => {
    const unit = command(['sh', '-c', `echo '{"type":"hello"}'; echo 'that is no message'; sleep 60`]);
    const { how, words } = await unit.ended;
    expect(how).toBe('was killed by SIGKILL');
    expect(words).toBe('this is no message: that is no message');
  });
});
