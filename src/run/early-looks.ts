import { gatherMember, type MemberFacts } from '../facts/member.ts';
import type { Session } from './session.ts';

/** Milliseconds for which such a look counts: somebody else may change a host too. */
const FRESH = 60_000;

/** What was seen of a member's host since this run was done with it; nothing where it was not looked at, or long ago. */
export type SeenEarly = (member: string) => Promise<MemberFacts | undefined>;

interface Early {
  readonly began: number;
  readonly facts: Promise<MemberFacts | undefined>;
}

/** Looks at hosts with which a run is done, begun while it waits for the stop of another one: the last look has to ask less then. */
export class EarlyLooks {
  readonly #session: Pick<Session, 'desired' | 'hosts' | 'store'>;
  readonly #begun = new Map<string, Early>();

  constructor(session: Pick<Session, 'desired' | 'hosts' | 'store'>) {
    this.#session = session;
  }

  /** Looks at each member's host that is not ahead, unless it has. */
  begin(ahead: readonly string[]): void {
    const { desired, hosts, store } = this.#session;
    for (const member of desired.members) {
      const host = hosts.get(member.name);
      if (host === undefined || ahead.includes(member.name) || this.#begun.has(member.name))
        continue;
      // Who could not be looked at is looked at in the end.
      const facts = gatherMember(host, desired, member, store).catch(() => undefined);
      this.#begun.set(member.name, { began: performance.now(), facts });
    }
  }

  async seen(member: string): Promise<MemberFacts | undefined> {
    const early = this.#begun.get(member);
    if (early === undefined || performance.now() - early.began > FRESH) return undefined;
    return early.facts;
  }
}
