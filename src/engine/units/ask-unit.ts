import { setTimeout as wait } from 'node:timers/promises';
import { deferred } from '../base/deferred.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { Failure } from '../base/failure.ts';
import type { MachineIdentity } from '../keys/machine-identity.ts';
import type { StageResources } from '../plan/plan.ts';
import type { Executor } from '../workers/executor.ts';
import { greetingOf, otherVersion } from './greeting.ts';
import { asMessage, type FromUnit } from './messages.ts';
import { showSignsOfLife } from './signs-of-life.ts';
import { describeEnd, type SlotDeclaration, type Transport, type TransportEnd } from './transport.ts';
import type { UnitsOfRun } from './units-of-run.ts';

/** A unit may be lost before it could answer. */
const TRIES = 3;
const PAUSE_MS = 500;

/** What a unit is asked about its machine. */
export interface MachineInquiry {
  /** Whether the compute provider is asked too. */
  readonly compute: boolean;
  readonly resources: StageResources;
  /** Called with what delays the answer. */
  readonly warn: (diagnostic: Diagnostic) => void;
}

/** An executor whose jobs are executed by units. */
export interface UnitExecutor extends Executor {
  /** What its units compute with, as one of them says. @throws {Failure} kind `environment` where none can say it */
  ask(inquiry: MachineInquiry): Promise<MachineIdentity>;
}

/** Opens a way to a unit, and asks it what its machine computes with. @throws {Failure} kind `environment` where it does not say it */
export async function askUnit(
  declaration: SlotDeclaration,
  of: UnitsOfRun,
  inquiry: MachineInquiry,
): Promise<MachineIdentity> {
  for (let tries = 1; ; tries++) {
    const answer = await askOnce(declaration, of, inquiry);
    if (answer.kind === 'answered') return answer.identity;
    if (answer.kind === 'unable') throw unable(declaration, answer.diagnostic);
    if (tries === TRIES) throw lostEachTime(declaration, answer.end);
    await wait(PAUSE_MS * tries);
  }
}

type Answer =
  | { readonly kind: 'answered'; readonly identity: MachineIdentity }
  | { readonly kind: 'unable'; readonly diagnostic: Diagnostic }
  | { readonly kind: 'lost'; readonly end: TransportEnd };

async function askOnce(declaration: SlotDeclaration, of: UnitsOfRun, inquiry: MachineInquiry): Promise<Answer> {
  const answer = deferred<Answer>();
  const { executor, description, patienceMs, isOnDisk } = declaration;
  let transport: Transport;
  let endSigns = () => {};
  const receive = (known: FromUnit) => {
    if (known.type === 'unable') answer.resolve({ kind: 'unable', diagnostic: known.diagnostic });
    if (known.type === 'identity') answer.resolve({ kind: 'answered', identity: known.identity });
    if (known.type !== 'hello') return;
    clearTimeout(silence);
    const problem = otherVersion(known, of.version);
    if (problem) answer.resolve({ kind: 'unable', diagnostic: problem });
    else if (!isOnDisk) endSigns = showSignsOfLife(transport.connection, () => void transport.stop());
  };
  const silence = setTimeout(() => {
    const fact = `executor ${executor}: ${description} has not answered for ${patienceMs / 1000} s`;
    const fix = 'the run waits: it has to know what this executor computes with';
    inquiry.warn({ fact, fix });
  }, patienceMs);
  try {
    transport = declaration.open(({ message }) => void receive(asMessage<FromUnit>(message)));
  } catch (error) {
    clearTimeout(silence);
    return { kind: 'lost', end: { how: `could not be started (${(error as Error).message})`, words: '' } };
  }
  transport.connection.send(greetingOf(of));
  transport.connection.send({ type: 'identify', compute: inquiry.compute });
  void transport.ended.then((end) => answer.resolve({ kind: 'lost', end }));
  try {
    return await answer.promise;
  } finally {
    clearTimeout(silence);
    endSigns();
    await transport.stop();
  }
}

function unable({ executor }: SlotDeclaration, diagnostic: Diagnostic): Failure {
  return new Failure('environment', { ...diagnostic, fact: `executor ${executor}: ${diagnostic.fact}` });
}

function lostEachTime(declaration: SlotDeclaration, end: TransportEnd): Failure {
  const { executor, trial } = declaration;
  return new Failure('environment', {
    fact: `executor ${executor} cannot say what it computes with: ${describeEnd(declaration, end)}`,
    fix: `try it by hand: ${trial}`,
  });
}
