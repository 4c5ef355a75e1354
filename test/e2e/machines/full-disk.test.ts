import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/folders.ts';
import { mayMount, smallDisk } from '../support/privileges.ts';
import { type Project, projectOf } from '../support/project.ts';
import { unitLine, withExecutor } from '../support/units.ts';

const permitted = mayMount();
const reason = permitted ? '' : ' (skipped: this user may not mount a file system)';

/** A command between a source and a file, both of a size. */
function copyProject(sourceBytes: number, command: string, unitFolder: string): Project {
  const project = projectOf({
    'pipeline.yaml': withExecutor(
      `version: 1
name: copy
sources: {words: {file: words.txt}}
stages:
  copy: {command: ${JSON.stringify(command)}, inputs: {words: words}, outputs: {made: file}}
`,
      unitLine(unitFolder),
    ),
  });
  project.write('words.txt', new Uint8Array(sourceBytes).fill(65));
  return project;
}

describe.skipIf(!permitted)(`a full disk between machines${reason}`, () => {
  it.each([
    ['has no room for the input of a node', 3_000_000, 'cut -c1-9 {inputs.words} > {outputs.made}', '5m'],
    ['has no room for what a node writes', 10, 'head -c 9000000 /dev/zero > {outputs.made}', '5m'],
  ])('of a unit that %s: the unit refuses, and the run executes the node', async (_, bytes, command, size) => {
    const project = copyProject(bytes, command, smallDisk(size).folder);
    const run = await project.run(['--executor', 'there']);
    expect(run).toMatchObject({ code: 0, stderr: '', summary: { executed: 1, failed: 0 } });
    const [refused, ...others] = run.events.filter((event) => event.type === 'refused');
    expect(others).toEqual([]);
    expect(refused?.diagnostic.fact).toMatch(/^on \S+: .*(no space left|no room left)/is);
    expect(refused?.diagnostic.fix).toMatch(/^there: .*disk/);
  });

  it('of the run ends it with the place and what to do', async () => {
    const { folder } = smallDisk('5m');
    const project = copyProject(10, 'head -c 9000000 /dev/zero > {outputs.made}', temporaryFolder());
    const cache = join(folder, 'cache');
    const { code, stderr } = await project.execute(['run', '--executor', 'there', '--cache', cache]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cannot write bytes from another machine in \S+ \(ENOSPC.*\)\n {2}fix: the disk is full: /);
    expect(stderr).toContain(cache);
  });
});
