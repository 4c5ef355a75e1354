import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRequirements } from '../../../src/engine/environments/requirements.ts';

describe('a requirements file', () => {
  it('has versions, whatever else stands in its lines', () => {
    const text = `
# by pip-compile
--index-url https://example.org/simple
numpy==1.26.4 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
    # via -r requirements.in
scikit_learn[alldeps] == 1.4.2
zope.interface===6.0  # a comment
tomli==2.0.1 ; python_version < "3.11"
local @ file:///wheels/local-1.0.whl
`;
    expect(readRequirements(text)).toEqual({
      pins: [
        { name: 'numpy', version: '1.26.4' },
        { name: 'scikit_learn', version: '1.4.2' },
        { name: 'zope.interface', version: '6.0' },
      ],
      open: [],
    });
  });

  it.each(['-i https://example.org/simple', '--index-url=https://example.org', '-f ./wheels', '--no-binary :all:'])(
    'takes %s for a setting of pip',
    (line) => {
      expect(readRequirements(`${line}\nsix==1.0\n`)).toEqual({ pins: [{ name: 'six', version: '1.0' }], open: [] });
    },
  );

  it.each([
    'six @ https://example.org/six-1.0.whl',
    'six[all]@git+ssh://git@example.org/six.git',
    'git+https://example.org/six.git@v1.0',
    'git+https://user:word@example.org/six.git@0123abc#egg=six',
  ])('counts %s by its address', (line) => {
    expect(readRequirements(`${line}\n`)).toEqual({ pins: [], open: [] });
  });

  it.each([
    'six',
    'numpy>=1.2',
    'numpy==1.*',
    'numpy==1.2,<2',
    '-r other.txt',
    '--requirement other.txt',
    '-e .',
    './wheel.whl',
    'git+https://example.org/six.git',
    'git+https://user:word@example.org/six.git',
  ])('leaves a version open with %s', (line) => {
    expect(readRequirements(`six==1.0\n${line}\n`).open).toEqual([{ line: 2, text: line }]);
  });

  it('has each pin, in whatever layout', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9._-]{0,8}[a-z0-9]$/);
    const version = fc.stringMatching(/^[0-9]{1,3}(\.[0-9]{1,3}){0,3}((a|b|rc|\.post|\.dev)[0-9])?$/);
    const layout = fc.constantFrom('', '  ', ' # comment', ' \\\n  --hash=sha256:00', '\r');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, version, layout)), (drawn) => {
        const text = drawn.map(([each, of, after]) => `${each}==${of}${after}\n`).join('\n');
        expect(readRequirements(text)).toEqual({
          pins: drawn.map(([each, of]) => ({ name: each, version: of })),
          open: [],
        });
      }),
    );
  });
});
