import type { DesiredCluster } from '../desired/cluster.ts';
import { type DesiredConsumer, RELOADED } from '../desired/consumers.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { ConsumerFacts } from '../facts/consumer.ts';
import { heldKey } from '../pki/held-key.ts';
import type { Refusal, Wave } from './plan.ts';
import type { Step } from './step.ts';
import { octal } from './step-words.ts';
import { sha256, trustOf } from './trust.ts';

/** What each consumer that was looked at needs, one host after another: all API servers at once would be an outage. */
export function planConsumers(
  desired: DesiredCluster,
  facts: ClusterFacts,
  reissued: ReadonlySet<string>,
): readonly Wave[] {
  return desired.consumers.flatMap((consumer) => {
    const found = facts.consumers.get(consumer.name);
    if (found === undefined) return [];
    const because = whyInstall(consumer, facts, found, reissued);
    if (because !== undefined) return [bring(consumer, because)];
    const untold = consumer.unit !== undefined && !found.pki.files.has(RELOADED);
    return untold ? [wave(consumer, reload(consumer, 'it was not told of its files yet'))] : [];
  });
}

/** Brings a consumer what the store has for it then, and has it taken up. */
export function bring(consumer: DesiredConsumer, because: string): Wave {
  const install: Step = { kind: 'install-consumer', consumer: consumer.name, because };
  return wave(consumer, [install, ...reload(consumer, 'it may read its files only then')]);
}

/** Whether the consumer has exactly the CAs that are to be trusted, and was told of them where that can be done. */
export function consumerTrusts(consumer: DesiredConsumer, facts: ClusterFacts): boolean {
  const files = facts.consumers.get(consumer.name)?.pki.files;
  return (
    files?.get('ca.crt')?.sha256 === sha256(trustOf(facts)) &&
    (consumer.unit === undefined || files.has(RELOADED))
  );
}

/** Whether the consumer has its pair of the store, and was told of it where that can be done. */
export function consumerIsCurrent(consumer: DesiredConsumer, facts: ClusterFacts): boolean {
  const found = facts.consumers.get(consumer.name);
  if (found === undefined || whyInstall(consumer, facts, found, new Set()) !== undefined)
    return false;
  return consumer.unit === undefined || found.pki.files.has(RELOADED);
}

/** Files of somebody else are never put out of reach. */
export function foreignDirectories(
  { consumers }: DesiredCluster,
  facts: ClusterFacts,
): readonly Refusal[] {
  return consumers.flatMap(({ name, directory }) => {
    const foreign = facts.consumers.get(name)?.foreign;
    if (foreign === undefined) return [];
    return [
      {
        sentence: `${name}: ${directory} is ${foreign}, and is to become a link to the certificates alone`,
        next: 'name a directory of its own for this consumer, or move away what is there',
      },
    ];
  });
}

function whyInstall(
  { name, certificate, keyOwner, keyMode, keys }: DesiredConsumer,
  facts: ClusterFacts,
  { pki: { files } }: ConsumerFacts,
  reissued: ReadonlySet<string>,
): string | undefined {
  const id = `${name}/${certificate}`;
  const stored = facts.store.certificates.get(id);
  const [ca, crt, key] = ['ca.crt', `${certificate}.crt`, `${certificate}.key`].map((file) =>
    files.get(file),
  );
  const keySha256 = stored && heldKey(keys.place, stored)?.sha256;
  const isOther = crt?.sha256 !== stored?.certificateSha256 || key?.sha256 !== keySha256;
  const reasons = [
    reissued.has(id) && `${certificate} is new`,
    (crt === undefined || key === undefined) && `${certificate} is missing there`,
    crt !== undefined && key !== undefined && isOther && `${certificate} is another one there`,
    ca?.sha256 !== sha256(trustOf(facts)) && 'other CAs are trusted there',
    key !== undefined &&
      (key.mode !== keyMode || key.owner !== keyOwner) &&
      `the key is ${octal(key.mode)} ${key.owner}`,
  ].filter((reason) => reason !== false);
  return reasons[0];
}

function reload({ unit, directory }: DesiredConsumer, because: string): readonly Step[] {
  return unit === undefined ? [] : [{ kind: 'reload-unit', unit, directory, because }];
}

function wave({ name }: DesiredConsumer, steps: readonly Step[]): Wave {
  return { title: `change ${name}`, lanes: [{ host: name, steps }], gate: [], undo: [] };
}
