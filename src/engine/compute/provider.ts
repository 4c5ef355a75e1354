import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Failure } from '../base/failure.ts';

/** An installed package that answers what stages compute with. */
export interface Provider {
  readonly name: string;
  /** The folder of the package, without links. */
  readonly directory: string;
  /** The module that answers: the package exports it as `./compute-provider`. */
  readonly module: string;
}

/** A provider, resolved as for a module of the project; undefined when no package of that name is installed, or it is no provider. */
export function findProvider(name: string, root: string): Provider | undefined {
  const { resolve } = createRequire(join(root, 'package.json'));
  try {
    const directory = dirname(realpathSync(resolve(`${name}/package.json`)));
    return { name, directory, module: resolve(`${name}/compute-provider`) };
  } catch {
    return undefined;
  }
}

/** The failure for a missing provider, or a package that is none. */
export function providerMissing(name: string): Failure {
  return new Failure('environment', {
    fact: `the compute provider ${name} is not installed, or the package is none`,
    fix: `npm install ${name}`,
  });
}
