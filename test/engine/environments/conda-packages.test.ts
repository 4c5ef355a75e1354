import { describe, expect, it } from 'vitest';
import {
  condaPlatform,
  packagesOfCondaLock,
  packagesOfPixiLock,
  partsOf,
} from '../../../src/engine/environments/conda-packages.ts';

describe('a record of conda', () => {
  it.each([
    ['python-3.11.4-hab00c5b_0_cpython', 'python', '3.11.4'],
    ['font-ttf-dejavu-sans-mono-2.37-hab24e00_0', 'font-ttf-dejavu-sans-mono', '2.37'],
    ['r-base-4.3.1-h29c4799_4', 'r-base', '4.3.1'],
    ['odd', 'odd', ''],
  ])('%s has a name and a version', (record, name, version) => {
    expect(partsOf(record)).toEqual({ name, version });
  });
});

describe('the name of a platform', () => {
  it.each([
    ['linux', 'x64', 'linux-64'],
    ['linux', 'arm64', 'linux-aarch64'],
    ['linux', 'ppc64', 'linux-ppc64'],
    ['darwin', 'x64', 'osx-64'],
    ['darwin', 'arm64', 'osx-arm64'],
  ] as const)('of %s on %s is %s', (system, architecture, name) => {
    expect(condaPlatform(system, architecture)).toBe(name);
  });
});

describe('a conda-lock.yml', () => {
  it('has the packages of one platform and of the category main, by the names of their records', () => {
    const text = `version: 1
package:
- {name: zlib, version: 1.2.13, manager: conda, platform: linux-64, url: "channel/linux-64/zlib-1.2.13-h0_5.tar.bz2#abc"}
- {name: zlib, version: 1.2.13, manager: conda, platform: osx-64, url: channel/osx-64/zlib-1.2.13-h1_5.conda}
- {name: six, version: '1.10', manager: pip, platform: linux-64, url: simple/six-1.10.whl, category: main}
- {name: black, version: 1, manager: conda, platform: linux-64, url: channel/noarch/black-1-0.conda, category: dev}
`;
    expect(packagesOfCondaLock(text, 'linux-64')).toEqual([
      { name: 'zlib', version: '1.2.13', record: 'zlib-1.2.13-h0_5' },
      { name: 'six', version: '1.10', record: undefined },
    ]);
    expect(packagesOfCondaLock(text, 'win-64')).toEqual([]);
  });

  it('is a mapping', () => {
    expect(() => packagesOfCondaLock('- 1', 'linux-64')).toThrow('it is no mapping');
  });
});

describe('a pixi.lock', () => {
  it('has the packages of one environment on one platform', () => {
    const text = `version: 6
environments:
  default:
    packages:
      linux-64:
      - conda: channel/linux-64/python-3.12.0-h0_0.conda
      - pypi: simple/six-1.16-py3-none-any.whl
      - pypi: ./
packages:
- {conda: channel/linux-64/python-3.12.0-h0_0.conda}
- {pypi: simple/six-1.16-py3-none-any.whl, name: six, version: '1.16'}
- {pypi: ./, name: own}
`;
    expect(packagesOfPixiLock(text, 'default', 'linux-64')).toEqual([
      { name: 'python', version: '3.12.0', record: 'python-3.12.0-h0_0' },
      { name: 'six', version: '1.16', record: undefined },
    ]);
    expect(packagesOfPixiLock(text, 'default', 'osx-64')).toBeUndefined();
    expect(packagesOfPixiLock(text, 'other', 'linux-64')).toBeUndefined();
  });
});
