import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** As many browsers may be logged in; the oldest one is logged out by one more. */
const MOST_SESSIONS = 64;
const SECRET_BYTES = 32;

/**
 * Who may use a server of the live page: whoever has its token, and then a cookie. The token is in the fragment of the address, which browsers
 * send to nobody. The cookie has another secret, which no script can read.
 */
export class Access {
  readonly token = newSecret();
  private readonly cookie: string;
  /** Digests of the cookies: a lookup by them tells nothing about the secret. */
  private readonly sessions = new Set<string>();

  /** @param port browsers send a cookie to all ports of a host: its name tells the servers apart */
  constructor(port: number) {
    this.cookie = `vmfdag-${port}`;
  }

  /** The header `Set-Cookie` for a token; undefined for a wrong one. The time of the answer does not depend on how wrong it is. */
  logIn(token: string): string | undefined {
    if (!timingSafeEqual(digest(token), digest(this.token))) return undefined;
    const secret = newSecret();
    this.sessions.add(digest(secret).toString('hex'));
    const [oldest] = this.sessions;
    if (this.sessions.size > MOST_SESSIONS && oldest !== undefined) this.sessions.delete(oldest);
    return `${this.cookie}=${secret}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** @param header `Cookie` */
  isLoggedIn(header: string | undefined): boolean {
    const sent = (header ?? '').split(';').map((each) => each.trim());
    return sent.some((each) => {
      const [name, value] = each.split('=', 2);
      return name === this.cookie && value !== undefined && this.sessions.has(digest(value).toString('hex'));
    });
  }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
