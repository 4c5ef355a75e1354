import { delimiter } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import type { JsonObject } from '../base/json.ts';
import { printable } from '../base/printable.ts';
import { shellLine, shellWord } from '../base/shell-word.ts';
import { pythonFolder } from '../keys/python/python-folder.ts';
import type { FuturesWay } from '../pipeline/executors/read-executors.ts';
import { EngineSlot } from './engine-slot.ts';
import type { Frame } from './frames.ts';
import type { Transport, TransportEnd } from './transport.ts';
import { UnitCommand } from './unit-command.ts';
import { UnitListener } from './unit-listener.ts';

/** The bridge has 8 s to end its engine, and ends itself then. */
const ORDERLY_END_MS = 10_000;

/** From the bridge. */
type BridgeMessage =
  | { readonly type: 'ready'; readonly address: string }
  | { readonly type: 'unusable'; readonly fact: string; readonly fix: string }
  | { readonly type: 'closed'; readonly slot: number; readonly how: string; readonly words: string };

/** An engine of Python futures, behind a bridge that is started with the first slot. Units connect to this process. */
export class FuturesEngine {
  private readonly executor: string;
  private readonly way: FuturesWay;
  private readonly slots: number;
  private readonly root: string;
  /** What starts a unit. */
  private readonly unit: readonly string[];
  private readonly listener = new UnitListener();
  private readonly open = new Map<number, EngineSlot>();
  private lastSlot = 0;
  private bridge: UnitCommand | undefined;
  /** Where units connect to, once the bridge is ready. */
  private address: { readonly host: string; readonly port: number } | undefined;
  private problem: Diagnostic | undefined;

  constructor(executor: string, way: FuturesWay, slots: number, root: string, unit: readonly string[]) {
    this.executor = executor;
    this.way = way;
    this.slots = slots;
    this.root = root;
    this.unit = unit;
  }

  /** Asks the engine for a unit. */
  openSlot(onFrame: (frame: Frame) => Promise<void> | undefined): Transport {
    if (!this.problem) this.bridge ??= this.start();
    const number = ++this.lastSlot;
    const slot = new EngineSlot(onFrame, {
      leave: () => this.forget(number),
      words: () => this.bridge?.words ?? '',
    });
    this.open.set(number, slot);
    this.listener.expect(number, (socket) => slot.take(socket));
    if (this.problem) {
      const { problem } = this;
      // Whoever opens it has to know it first.
      setImmediate(() => slot.refuse(problem));
      return slot;
    }
    if (this.address) this.submit(number);
    return slot;
  }

  /** Ends the engine and its bridge. */
  async end(): Promise<void> {
    this.listener.close();
    await this.bridge?.stop();
  }

  private start(): UnitCommand {
    const { python, factory, options } = this.way;
    const { PYTHONPATH } = process.env;
    // No watchdog: the bridge notices the end of its input, and ends what its engine has started elsewhere too.
    const bridge = new UnitCommand(
      [...python, '-m', 'vmfdag.executor', factory],
      this.root,
      undefined,
      (frame) => this.receive(frame),
      {
        environment: { ...process.env, PYTHONPATH: [pythonFolder(), PYTHONPATH].filter(Boolean).join(delimiter) },
        orderlyEndMs: ORDERLY_END_MS,
      },
    );
    bridge.connection.send({ type: 'begin', options, slots: this.slots });
    void bridge.ended.then((end) => this.hasEnded(end));
    return bridge;
  }

  private receive({ message }: Frame): Promise<void> | undefined {
    const known = message as unknown as BridgeMessage;
    switch (known.type) {
      case 'ready':
        return this.begin(known.address);
      case 'unusable':
        this.refuse({ fact: `executor ${this.executor}: ${printable(known.fact)}`, fix: printable(known.fix) });
        return undefined;
      case 'closed':
        this.open.get(known.slot)?.close({ how: printable(known.how), words: known.words });
        return undefined;
    }
  }

  private async begin(address: string): Promise<void> {
    const [host = address, port = '0'] = this.way.listen?.split(/:(?=\d+$)/) ?? [];
    try {
      this.address = { host, port: await this.listener.listen({ host, port: Number(port) }) };
    } catch (error) {
      const fact = `executor ${this.executor}: units cannot connect to ${host}:${port} (${(error as Error).message})`;
      this.refuse({ fact, fix: 'name another address with "listen", such as "10.0.0.5" or "login1:40000"' });
      return;
    }
    for (const slot of this.open.keys()) this.submit(slot);
  }

  private submit(slot: number): void {
    if (!this.address) return;
    const { host, port } = this.address;
    const token = this.listener.token.toString('hex');
    this.bridge?.connection.send({ type: 'open', slot, arguments: [host, port, token, slot, this.unit] });
  }

  private forget(slot: number): void {
    this.listener.forget(slot);
    this.open.delete(slot);
    this.bridge?.connection.send({ type: 'close', slot });
  }

  private hasEnded(end: TransportEnd): void {
    this.bridge = undefined;
    this.address = undefined;
    const [program] = this.way.python;
    if (end.how.startsWith('could not be started')) {
      const fact = `executor ${this.executor}: the Python "${program}" ${end.how}`;
      this.refuse({ fact, fix: 'name one with "python", such as [.venv/bin/python]' });
      return;
    }
    for (const slot of [...this.open.values()]) slot.close({ ...end, how: `has lost its engine, which ${end.how}` });
  }

  private refuse(problem: Diagnostic): void {
    this.problem = problem;
    for (const slot of [...this.open.values()]) slot.refuse(problem);
  }
}

/** What to type to see what is wrong with an engine. */
export function trialOf({ python, factory, options }: FuturesWay): string {
  const given: JsonObject = options;
  const more = Object.keys(given).length > 0 ? [JSON.stringify(given)] : [];
  const line = shellLine([...python, '-m', 'vmfdag.executor', '--check', factory, ...more]);
  return `PYTHONPATH=${shellWord(pythonFolder())} ${line}`;
}
