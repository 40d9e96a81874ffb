import { basename } from 'node:path/posix';
import { type DesiredConsumer, OWNER } from '../desired/consumers.ts';
import type { Host } from '../host/host.ts';
import { sh } from '../shell/command.ts';
import { type Answers, askAll, type Fact } from './fact.ts';
import { pkiFact } from './file.ts';
import { keysFact } from './keys.ts';

/** What one look at a consumer's host tells. */
export type ConsumerFacts = Answers<ReturnType<typeof questions>>;

/** Asks a consumer's host all questions in one round trip. Throws when it cannot be asked. */
export async function gatherConsumer(
  host: Host,
  consumer: DesiredConsumer,
): Promise<ConsumerFacts> {
  return askAll(host, questions(consumer));
}

function questions({ directory, keys }: DesiredConsumer) {
  return {
    pki: pkiFact(directory),
    keys: keysFact(directory, keys),
    foreign: foreignFact(directory),
    owner: {
      ask: sh`head -c 200 ${`${directory}/${OWNER}`}`,
      read: ({ stdout }) => /^# provision: cluster ([a-z0-9-]+)$/m.exec(stdout)?.[1],
    } satisfies Fact<string | undefined>,
  };
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
