import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { isProof, NONCE_BYTES, PROOF_BYTES, proofOf, SLOT_BYTES, TOKEN_BYTES } from './proof.ts';

/** Who connects has so long to prove that a slot waits for it. */
const PROOF_MS = 10_000;
/** More strangers than this are not listened to. */
const MOST_STRANGERS = 1000;
/** Of a connection on which nothing is said: a machine that has gone says nothing. */
const KEEPALIVE_MS = 60_000;
const ANSWER_BYTES = SLOT_BYTES + NONCE_BYTES + PROOF_BYTES;

/** Where units connect to. */
export interface UnitAddress {
  readonly host: string;
  /** 0 for any. */
  readonly port: number;
}

/** Listens for units that connect to the run. Whoever does not know the token gets no byte but a random number, and is not listened to. */
export class UnitListener {
  readonly token = randomBytes(TOKEN_BYTES);
  private readonly slots = new Map<number, (socket: Socket) => void>();
  private readonly strangers = new Set<Socket>();
  private server: Server | undefined;
  private isClosed = false;

  /** Returns the port. @throws {Error} where the port is taken */
  async listen({ host, port }: UnitAddress): Promise<number> {
    if (this.server) return (this.server.address() as AddressInfo).port;
    try {
      this.server = await listening(host, port, (socket) => this.meet(socket));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // A name or an address by which others reach this machine need not be one that it has.
      if (code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND' && code !== 'EAI_AGAIN') throw error;
      this.server = await listening(undefined, port, (socket) => this.meet(socket));
    }
    const { port: found } = this.server.address() as AddressInfo;
    // Finding the address may take longer than the run.
    if (this.isClosed) this.server.close();
    return found;
  }

  /** @param take called for each connection of the slot, until it is forgotten */
  expect(slot: number, take: (socket: Socket) => void): void {
    this.slots.set(slot, take);
  }

  forget(slot: number): void {
    this.slots.delete(slot);
  }

  /** Connections of slots stay. */
  close(): void {
    this.isClosed = true;
    this.server?.close();
    for (const socket of this.strangers) socket.destroy();
  }

  private meet(socket: Socket): void {
    socket.on('error', () => {});
    if (this.strangers.size >= MOST_STRANGERS) {
      socket.destroy();
      return;
    }
    this.strangers.add(socket);
    const timer = setTimeout(() => socket.destroy(), PROOF_MS);
    const own = randomBytes(NONCE_BYTES);
    const look = () => {
      const answer: Buffer | null = socket.read(ANSWER_BYTES);
      if (answer === null) return;
      leave();
      // What is left of a stream that has ended may be shorter.
      if (answer.length < ANSWER_BYTES) {
        socket.destroy();
        return;
      }
      const slot = answer.subarray(0, SLOT_BYTES);
      const other = answer.subarray(SLOT_BYTES, SLOT_BYTES + NONCE_BYTES);
      const said = Buffer.concat([slot, own, other]);
      const take = this.slots.get(Number(slot.readBigUInt64BE()));
      if (!take || !isProof(answer.subarray(SLOT_BYTES + NONCE_BYTES), this.token, 'unit', said)) {
        socket.destroy();
        return;
      }
      socket.setNoDelay(true).setKeepAlive(true, KEEPALIVE_MS);
      socket.write(proofOf(this.token, 'run', said));
      take(socket);
    };
    const leave = () => {
      clearTimeout(timer);
      this.strangers.delete(socket);
      socket.off('readable', look).off('close', leave);
    };
    socket.on('readable', look).on('close', leave);
    socket.write(own);
  }
}

async function listening(host: string | undefined, port: number, meet: (socket: Socket) => void): Promise<Server> {
  const server = createServer(meet).listen(port, host);
  await once(server, 'listening');
  return server;
}
