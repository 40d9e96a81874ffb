import ssh2, { type BaseAgent, type IdentityCallback, type ParsedKey } from 'ssh2';

/** A running ssh-agent. */
export interface Agent {
  readonly keys: readonly ParsedKey[];
  /** The agent as ssh2 asks it, offering these keys and no other. */
  readonly offering: (keys: readonly ParsedKey[]) => BaseAgent;
}

/** The agent at the socket; nothing when none answers there (a socket outlives its agent). */
export async function findAgent(socket: string | undefined): Promise<Agent | undefined> {
  if (!socket) return undefined;
  const keys = await new Promise<readonly ParsedKey[] | undefined>((resolve) => {
    new ssh2.OpenSSHAgent(socket).getIdentities((error, identities) => {
      resolve(error ? undefined : identities?.flatMap((one) => ('pubKey' in one ? [] : one)));
    });
  });
  return keys && { keys, offering: (wanted) => new Offering(socket, wanted) };
}

class Offering extends ssh2.OpenSSHAgent {
  readonly #keys: readonly ParsedKey[];

  constructor(socket: string, keys: readonly ParsedKey[]) {
    super(socket);
    this.#keys = keys;
  }

  override getIdentities(done: IdentityCallback<ParsedKey>): void {
    done(undefined, [...this.#keys]);
  }
}
