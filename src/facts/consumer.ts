import { basename } from 'node:path/posix';
import { type DesiredConsumer, OWNER, unitUsing } from '../desired/consumers.ts';
import type { Host } from '../host/host.ts';
import { sh } from '../shell/command.ts';
import { keysFact } from './etcd/keys.ts';
import { type Answers, askAll, type Fact, properties } from './fact.ts';
import { askTimed, type Clock } from './host/clock.ts';
import { pkiFact } from './host/file.ts';

/** What one look at a consumer's host tells. */
export type ConsumerFacts = Answers<ReturnType<typeof questions>> & { readonly clock: Clock };

/** Asks a consumer's host all questions in one round trip. Throws when it cannot be asked. */
export async function gatherConsumer(
  host: Host,
  consumer: DesiredConsumer,
): Promise<ConsumerFacts> {
  const { answers, clock } = await askTimed(host, questions(consumer));
  return { ...answers, clock };
}

function questions(consumer: DesiredConsumer) {
  const { directory, keys } = consumer;
  return {
    pki: pkiFact(directory),
    keys: keysFact(directory, keys),
    foreign: foreignFact(directory),
    owner: {
      ask: sh`head -c 200 ${`${directory}/${OWNER}`}`,
      read: ({ stdout }) => /^# provision: cluster ([a-z0-9-]+)$/m.exec(stdout)?.[1],
    } satisfies Fact<string | undefined>,
    unit: consumerUnitFact(unitUsing(consumer)),
  };
}

/** The unit that a consumer's files are for. */
export interface ConsumerUnitFact {
  /** systemd's own word, or `not found`. */
  readonly state: string;
  /** Whether there is a process that may hold older files. */
  readonly runs: boolean;
  /** Seconds since 1970 by the host's clock. */
  readonly startedAt: number | undefined;
}

/** What its unit does; undefined where the inventory names none. */
const consumerUnitFact = (unit: string | undefined): Fact<ConsumerUnitFact | undefined> => ({
  ask:
    unit === undefined
      ? sh`true`
      : sh`systemctl show ${unit} --property=LoadState,ActiveState,ExecMainStartTimestamp,ActiveEnterTimestamp
started=$(systemctl show ${unit} --property=ExecMainStartTimestamp --value)
[ -z "$started" ] || echo "startedAt=$(date -d "$started" +%s)"`,
  read({ stdout }) {
    if (unit === undefined) return undefined;
    const found = properties(stdout);
    const state = found.get('ActiveState') ?? 'unknown';
    const startedAt = Number(found.get('startedAt') ?? Number.NaN);
    return {
      state: found.get('LoadState') === 'not-found' ? 'not found' : state,
      runs: ['active', 'reloading', 'activating'].includes(state),
      startedAt: Number.isNaN(startedAt) ? undefined : startedAt,
    };
  },
});

/** The state of a consumer's unit, as it is now. Throws a Failure when its host cannot be asked. */
export async function askUnitState(host: Host, unit: string): Promise<string> {
  const { asked } = await askAll(host, { asked: consumerUnitFact(unit) });
  return asked?.state ?? 'unknown';
}

/** What is in the place of our link that we did not make, if anything is. */
const foreignFact = (link: string): Fact<string | undefined> => ({
  ask: sh`if [ -L ${link} ]; then readlink ${link}
elif [ -d ${link} ]; then ls -A ${link} | head -n 3 | sed 's|^|/|'
elif [ -e ${link} ]; then echo /; fi`,
  read({ stdout }) {
    const words = stdout.trim().split('\n');
    const [first = ''] = words;
    if (first === '') return undefined;
    if (first === '/') return 'a file';
    if (!first.startsWith('/')) {
      const isOurs = first.startsWith(`${basename(link)}.`) && /\.[0-9a-f]{12}$/.test(first);
      return isOurs ? undefined : `a link to ${first}`;
    }
    return `a directory with ${words.map((word) => word.slice(1)).join(', ')}`;
  },
});
