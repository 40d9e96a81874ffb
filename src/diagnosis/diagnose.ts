import { isIP } from 'node:net';
import { Failure } from '../failure/failure.ts';
import type { Host } from '../host/host.ts';
import { sh } from '../shell/command.ts';
import { classify, type Diagnosis, type Symptoms } from './classify.ts';
import { readLines, sinceLinked } from './journal.ts';

const LINES = 400;
/** Seconds that what an active member says counts. */
const RECENT = 120;

/** The cluster as a diagnosis knows it. */
export interface Patient {
  readonly unit: string;
  readonly members: readonly { readonly name: string; readonly peerUrl: string }[];
}

/**
 * Reads the unit's journal on every host and says for each member that is not ready why. Members that systemd calls ready
 * are heard as witnesses: they may have lost their quorum since, and who rejects a member knows why. Hosts without a member
 * are not asked. Of a cluster that is whole, where all answer and reach each other, only what is still said counts.
 */
export async function diagnose(
  hosts: ReadonlyMap<string, Host>,
  { unit, members }: Patient,
  isWhole = false,
): Promise<{ readonly diagnoses: readonly Diagnosis[]; readonly journals: string }> {
  const addresses = members.map(({ peerUrl }) => new URL(peerUrl).hostname.replace(/[[\]]/g, ''));
  const symptoms = await Promise.all(
    members.flatMap(({ name }) => {
      const host = hosts.get(name);
      if (host === undefined) return [];
      return symptomsOf(name, host, unit, isWhole)
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
  isWhole: boolean,
): Promise<Symptoms> {
  const asked = Date.now();
  // In reverse: of all that came since a moment journalctl shows the first lines, and the last ones are wanted.
  const { stdout } = await host.run(sh`date +%s
state=$(systemctl show ${unit}.service --property=ActiveState --value)
echo "$state"
since=$(systemctl show ${unit}.service --property=InactiveExitTimestamp --value)
if [ "$state" = active ]; then
  start=$(date -d "$since" +%s) && late=$(($(date +%s) - ${RECENT}))
  [ "$start" -gt "$late" ] || since=@$late
fi
journalctl --unit=${unit}.service --no-pager --output=short-unix --reverse --lines=${LINES} \${since:+"--since=$since"} 2>/dev/null`);
  const [clock = '', state = 'unknown', ...rows] = stdout.split('\n');
  const lines = readLines(rows);
  const heard = isWhole ? sinceLinked(lines) : lines;
  return {
    name,
    state,
    clockAhead: Number(clock) - asked / 1000,
    journal: heard.map(({ text }) => text).filter((text) => text.trim() !== ''),
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
