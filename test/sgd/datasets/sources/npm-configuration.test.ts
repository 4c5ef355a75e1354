import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNpmConfiguration } from '../../../../src/sgd/datasets/sources/npm-configuration.ts';
import { temporaryFolder } from '../tiny-datasets.ts';

const PROJECT = `
; a comment
registry = https://project.test/npm/
strict-ssl=false
//project.test/npm/:_authToken=\${PROJECT_TOKEN}
//absent.test/:_authToken=\${ABSENT?}
`;
const USER = `
registry=https://user.test/
proxy="http://name:secret@proxy.test:3128/"
noproxy=one.test,two.test
cafile=\${HOME}/authorities.pem
//project.test/npm/:_authToken=not this one
//user.test/:_auth=YTpi
`;

async function home(): Promise<string> {
  return temporaryFolder(
    new Map([
      ['.npmrc', USER],
      ['authorities.pem', 'PEM text'],
      ['project/.npmrc', PROJECT],
      ['project/package.json', '{}'],
    ]),
  );
}

/** The environment without what npm sets for the scripts that it runs, these tests among them. */
function plainEnvironment(folder: string, extra: Readonly<Record<string, string>>) {
  const plain = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name));
  return { ...Object.fromEntries(plain), HOME: folder, USERPROFILE: folder, PROJECT_TOKEN: 'token', ...extra };
}

const expected = (folder: string) => ({
  registry: 'https://project.test/npm/',
  strictSSL: false,
  proxy: 'http://name:secret@proxy.test:3128/',
  noProxy: 'one.test,two.test',
  ca: 'PEM text',
  cache: join(folder, 'cache', '_cacache'),
  '//project.test/npm/:_authToken': 'token',
  '//user.test/:_auth': 'YTpi',
});

describe('readNpmConfiguration', () => {
  it('takes user and password out of the address of a registry', async () => {
    const folder = await home();
    const environment = plainEnvironment(folder, { npm_config_registry: 'https://user:p%40ss@env.test/npm' });
    const { registry, ...options } = await readNpmConfiguration(join(folder, 'project'), environment);
    expect(registry).toBe('https://env.test/npm');
    expect(options['//env.test/npm/:_auth' as keyof typeof options]).toBe(Buffer.from('user:p@ss').toString('base64'));
    expect(JSON.stringify(options)).not.toContain('p%40ss');
  });

  it('is what npm says, and the secrets that npm does not print', async () => {
    const folder = await home();
    const environment = plainEnvironment(folder, { npm_config_cache: join(folder, 'cache') });
    const options = await readNpmConfiguration(join(folder, 'project'), environment);
    expect(options).toMatchObject(expected(folder));
    // npm's own default, which no file has: npm has been asked.
    expect(options.replaceRegistryHost).toBeTypeOf('string');
  });

  it('lets the environment override the files', async () => {
    const folder = await home();
    const environment = plainEnvironment(folder, {
      npm_config_registry: 'https://environment.test/',
      'npm_config_//project.test/npm/:_authToken': 'from the environment',
      NPM_CONFIG_STRICT_SSL: 'true',
    });
    expect(await readNpmConfiguration(join(folder, 'project'), environment)).toMatchObject({
      registry: 'https://environment.test/',
      strictSSL: true,
      '//project.test/npm/:_authToken': 'from the environment',
    });
  });

  it('reads the files and the environment itself where there is no npm', async () => {
    const folder = await home();
    const environment = plainEnvironment(folder, { PATH: folder, npm_config_cache: join(folder, 'cache') });
    const options = await readNpmConfiguration(join(folder, 'project'), environment);
    expect(options).toEqual({ ...expected(folder), '//absent.test/:_authToken': '' });
  });
});
