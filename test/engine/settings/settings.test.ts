import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../src/engine/settings/settings.ts';
import { temporaryFolder } from '../store/fixtures.ts';

function project(text?: string, ofUser?: string) {
  const [root, home] = [temporaryFolder(), temporaryFolder()];
  if (text !== undefined) writeFileSync(join(root, 'vmfdag.settings.yaml'), text);
  if (ofUser !== undefined) {
    mkdirSync(join(home, '.config/vmfdag'), { recursive: true });
    writeFileSync(join(home, '.config/vmfdag/settings.yaml'), ofUser);
  }
  return { root, environment: { HOME: home } as NodeJS.ProcessEnv };
}

function shared(text?: string, ofUser?: string, variables: NodeJS.ProcessEnv = {}) {
  const { root, environment } = project(text, ofUser);
  const { sharedCache } = readSettings(root, { ...environment, ...variables });
  return {
    root,
    home: environment.HOME as string,
    found: sharedCache && { ...sharedCache, url: sharedCache.url.href },
  };
}

describe('settings', () => {
  it('name no shared cache where nothing does', () => {
    expect(shared().found).toBeUndefined();
    expect(shared('', '# nothing').found).toBeUndefined();
    expect(shared('cache: {shared: {mode: read}}').found).toBeUndefined();
  });

  it('are taken key by key: the environment wins over the project, and the project over the user', () => {
    const user = 'cache: {shared: {url: "https://user.example/", mode: read, key: key.pem}}';
    const own = 'cache: {shared: {url: "s3://bucket/x"}}';
    const { found, home } = shared(own, user);
    const keys = [join(home, '.config/vmfdag/key.pem')];
    expect(found).toEqual({ url: 's3://bucket/x', mode: 'read', keys, compress: true });
    const named = shared(own, user, { VMFDAG_SHARED_CACHE: 'file:///mnt/x' }).found;
    expect(named).toEqual({
      url: 'file:///mnt/x',
      mode: 'read',
      keys: [expect.stringContaining('key.pem')],
      compress: true,
    });
    expect(shared(own, user, { VMFDAG_SHARED_CACHE: '' }).found).toBeUndefined();
  });

  it('find keys next to their file', () => {
    const { found, root } = shared('cache: {shared: {url: "file:///x", key: [a.pem, /b.pub], compress: false}}');
    expect(found).toEqual({
      url: 'file:///x',
      mode: 'read-write',
      keys: [join(root, 'a.pem'), '/b.pub'],
      compress: false,
    });
  });

  it.each([
    ['cash: {}', /vmfdag\.settings\.yaml:1:1 unknown key "cash"/],
    ['cache: {shared: {mode: write}}', /1:\d+ "mode" is the text "write", which is not allowed here[\s\S]*read-write/],
    ['cache: {shared: {url: example.org}}', /is not a address of a shared cache|is not an? address of a shared cache/],
    ['cache: {shared: {key: 3}}', /"key" /],
    ['cache: [', /vmfdag\.settings\.yaml:1/],
  ])('refuse %s at its place', (text, message) => {
    const { root, environment } = project(text);
    expect(() => readSettings(root, environment)).toThrow(message);
  });

  it('refuse an address of another kind in the environment', () => {
    expect(() => shared(undefined, undefined, { VMFDAG_SHARED_CACHE: 'ftp://x/' })).toThrow(
      /VMFDAG_SHARED_CACHE=ftp:\/\/x\//,
    );
  });
});
