import { describe, expect, it } from 'vitest';
import { Access } from '../../../../../src/engine/views/live/http/access.ts';

const cookieOf = (header: string | undefined) => header?.split(';')[0];

describe('the access to the page', () => {
  it('is given for the token, and for the cookie that it is exchanged for', () => {
    const access = new Access(8417);
    const header = access.logIn(access.token);
    expect(header).toMatch(/^vmfdag-8417=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(header).not.toContain(access.token);
    expect(access.isLoggedIn(cookieOf(header))).toBe(true);
    expect(access.isLoggedIn(`other=1; ${cookieOf(header)}; vmfdag-1=x`)).toBe(true);
  });

  it('is refused otherwise', () => {
    const access = new Access(8417);
    const cookie = cookieOf(access.logIn(access.token)) as string;
    for (const token of ['', 'x', `${access.token} `, access.token.slice(1)])
      expect(access.logIn(token)).toBeUndefined();
    const others = [
      undefined,
      '',
      'vmfdag-8417',
      'vmfdag-8417=',
      `vmfdag-8417=${access.token}`,
      cookie.replace('8417', '8418'),
      `${cookie}x`,
    ];
    for (const header of others) expect(access.isLoggedIn(header)).toBe(false);
    expect(new Access(8417).isLoggedIn(cookie)).toBe(false);
  });

  it('has another token for each server', () => {
    expect(new Access(1).token).not.toBe(new Access(1).token);
    expect(new Access(1).token).toMatch(/^[\w-]{43}$/);
  });

  it('of many browsers does not grow without end', () => {
    const access = new Access(1);
    const cookies = Array.from({ length: 70 }, () => cookieOf(access.logIn(access.token)));
    expect(cookies.filter((each) => access.isLoggedIn(each))).toEqual(cookies.slice(6));
  });
});
