import { isIP } from 'node:net';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { sh } from '../shell/command.ts';
import { classify, type Diagnosis, type Symptoms } from './classify.ts';

const LINES = 400;
/** Seconds that what an active member says counts, at most. */
const RECENT = 120;

/** The cluster as a diagnosis knows it. */
export interface Patient {
  readonly unit: string;
  readonly members: readonly { readonly name: string; readonly peerUrl: string }[];
}

/**
 * Reads the unit's journal on every host and says for each member that is not ready why. Members that systemd calls ready
 * are heard as witnesses: they may have lost their quorum since, and who rejects a member knows why. Hosts without a member
 * are not asked. What an active member said more than so many seconds ago does not count.
 */
export async function diagnose(
  hosts: ReadonlyMap<string, Host>,
  { unit, members }: Patient,
  recent = RECENT,
): Promise<{ readonly diagnoses: readonly Diagnosis[]; readonly journals: string }> {
  const addresses = members.map(({ peerUrl }) => new URL(peerUrl).hostname.replace(/[[\]]/g, ''));
  const symptoms = await Promise.all(
    members.flatMap(({ name }) => {
      const host = hosts.get(name);
      if (host === undefined) return [];
      return symptomsOf(name, host, unit, Math.min(recent, RECENT))
        .then((one) => (one.state === 'active' ? withoutStrangers(one, addresses) : one))
        .catch((error) => unseen(name, error));
    }),
  );
  const told = (one: Symptoms) => classify(one, symptoms);
  const sick = symptoms.filter(({ state }) => state !== 'active').map(told);
  const witnesses = symptoms.filter(({ state }) => state === 'active').map(told);
  const hearsay = sick.length > 0 ? ['unknown', 'rejected', 'unreachable'] : ['unknown'];
  return {
    diagnoses: [...sick, ...witnesses.filter(({ kind }) => !hearsay.includes(kind))],
    journals: symptoms.map(({ name, journal }) => `== ${name}\n${journal.join('\n')}`).join('\n\n'),
  };
}

/** The diagnoses as lines for a person: host, cause, the journal lines that show it, what to do. */
export function describeDiagnoses(diagnoses: readonly Diagnosis[]): string {
  return diagnoses
    .flatMap(({ name, cause, evidence, next }) => [
      `  ${name}: ${cause}`,
      ...evidence.map((line) => `      | ${line}`),
      `      next: ${next}`,
    ])
    .join('\n');
}

/** What is known of one unit since its last start, or of late when it is active, by one look at the host. */
async function symptomsOf(
  name: string,
  host: Host,
  unit: string,
  recent: number,
): Promise<Symptoms> {
  const asked = Date.now();
  const { stdout } = await host.run(sh`date +%s
state=$(systemctl show ${unit}.service --property=ActiveState --value)
echo "$state"
since=$(systemctl show ${unit}.service --property=InactiveExitTimestamp --value)
if [ "$state" = active ]; then
  start=$(date -d "$since" +%s) && late=$(($(date +%s) - ${recent}))
  [ "$start" -gt "$late" ] || since=@$late
fi
journalctl --unit=${unit}.service --no-pager --output=cat --lines=${LINES} \${since:+"--since=$since"} 2>/dev/null`);
  const [clock = '', state = 'unknown', ...journal] = stdout.split('\n');
  return {
    name,
    state,
    clockAhead: Number(clock) - asked / 1000,
    journal: journal.filter((line) => line.trim() !== ''),
  };
}

/** What clients do wrong is no fault of a member that serves: only who else it rejects is heard. */
export function withoutStrangers(symptoms: Symptoms, addresses: readonly string[]): Symptoms {
  // Behind a name there may be any address.
  const knowsAll = addresses.every((address) => isIP(address) !== 0);
  const journal = symptoms.journal.filter((line) => {
    if (!line.includes('rejected connection')) return true;
    if (line.includes('on client endpoint')) return false;
    const from = /(?:remote-addr":|rejected connection from )"\[?([^"\]]+)\]?:\d+"/.exec(line)?.[1];
    return from === undefined || addresses.includes(from) || !knowsAll;
  });
  return { ...symptoms, journal };
}

function unseen(name: string, error: unknown): Symptoms {
  if (!(error instanceof Failure)) throw error;
  return { name, state: `unknown (${error.message})`, clockAhead: 0, journal: [] };
}
