import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Failure } from '../base/failure.ts';

/** An installed package that says with what stages compute. */
export interface Provider {
  readonly name: string;
  /** Of the package, without links. */
  readonly directory: string;
  /** The module that answers: what the package exports as `./compute-provider`. */
  readonly module: string;
}

/** A provider as a module of the project would get it; undefined when no package of that name is installed, or it is no provider. */
export function findProvider(name: string, root: string): Provider | undefined {
  const { resolve } = createRequire(join(root, 'package.json'));
  try {
    const directory = dirname(realpathSync(resolve(`${name}/package.json`)));
    return { name, directory, module: resolve(`${name}/compute-provider`) };
  } catch {
    return undefined;
  }
}

/** A provider that is not installed, or a package that is none. */
export function providerMissing(name: string): Failure {
  return new Failure('environment', {
    fact: `the compute provider ${name} is not installed, or the package is none`,
    fix: `npm install ${name}`,
  });
}
