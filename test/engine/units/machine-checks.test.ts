import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandCode } from '../../../src/engine/keys/command-code.ts';
import { FileStates } from '../../../src/engine/keys/file-states.ts';
import { NO_ENGINE } from '../../../src/engine/keys/javascript-engine.ts';
import { PackageContents } from '../../../src/engine/keys/package-content.ts';
import { packageGraph } from '../../../src/engine/keys/package-graph.ts';
import { MachineChecks } from '../../../src/engine/units/machine-checks.ts';
import { installed, MemoryBundleCache, temporaryProject } from '../keys/project.ts';

function projectWith(text: string): string {
  return temporaryProject({
    'node_modules/one/package.json': installed('one', '1.0.0'),
    'node_modules/one/index.js': text,
  });
}

/** Why a machine does not execute a command that was declared in a project and imports a package of it. */
function refusal(declaredIn: string, cacheDirectory: string, environment?: object) {
  const packages = packageGraph(['one'], declaredIn, new PackageContents(() => undefined), new FileStates());
  const code = commandCode({ form: 'list', words: [], inputs: [], code: [] } as never, [], [], packages);
  const checks = new MachineChecks({ root: declaredIn, cacheDirectory, version: '1' }, null, new MemoryBundleCache());
  const surroundings = { engine: NO_ENGINE, variables: {} };
  const program = { kind: 'command', environment };
  return checks.refusal({ code: code.fingerprint, program, surroundings, compute: null } as never, code);
}

describe('the installed packages that a command imports', () => {
  it('are those that Node finds from the cache of the unit, in which the command is executed', () => {
    const declaredIn = projectWith('1\n');
    expect(refusal(declaredIn, join(declaredIn, 'cache'))).toBeUndefined();
    expect(refusal(declaredIn, join(projectWith('1\n'), 'cache'))).toBeUndefined();
    expect(refusal(declaredIn, join(projectWith('2\n'), 'cache'))?.fact).toMatch(/: one 1\.0\.0 has other files$/);
    const elsewhere = join(temporaryProject({}), 'cache');
    expect(refusal(declaredIn, elsewhere)).toMatchObject({
      fact: expect.stringMatching(/^packages in .* are not those of the run: one 1\.0\.0 is missing$/),
      fix: 'name a cache in a folder that has them: vmfdag unit --cache DIR',
    });
    expect(refusal(declaredIn, elsewhere)?.fact).toContain(elsewhere);
  });

  it('are not compared for a container, which has its own', () => {
    expect(refusal(projectWith('1\n'), join(projectWith('2\n'), 'cache'), { tool: 'image' })).toBeUndefined();
  });
});
