import type { DesiredCluster } from '../desired/cluster.ts';
import { type DesiredConsumer, RELOADED, unitUsing } from '../desired/consumers.ts';
import type { ClusterFacts } from '../facts/cluster.ts';
import type { ConsumerFacts } from '../facts/consumer.ts';
import { seenConsumers } from '../observed/consumers.ts';
import { foundConsumer } from '../observed/found.ts';
import { trustBundle } from '../pki/ca/trust.ts';
import { heldKey } from '../pki/keys/held-key.ts';
import { INVENTORY, remedy } from '../problem/remedy.ts';
import { sha256, trustOf } from './certificates/trust.ts';
import type { Gate } from './gate.ts';
import { onHost } from './lane.ts';
import type { Refusal, Wave } from './plan.ts';
import type { HostStep, QuietStep } from './step.ts';
import { octal } from './step-words.ts';
import { quietWave } from './unnoticed.ts';

/** What each consumer that was looked at needs, one host after another: all API servers at once would be an outage. */
export function planConsumers(
  desired: DesiredCluster,
  facts: ClusterFacts,
  reissued: ReadonlySet<string>,
): readonly Wave[] {
  return seenConsumers(desired, facts).flatMap(({ desired: consumer, found }) => {
    const because = whyInstall(consumer, facts, found, reissued);
    if (because !== undefined) return [bringToConsumer(consumer, facts, because)];
    return !isTold(consumer, found)
      ? [wave(consumer, facts, reload(consumer, 'it was not told of its files yet'))]
      : [];
  });
}

/** Brings a consumer what the store has for it then, and has it taken up. */
export function bringToConsumer(
  consumer: DesiredConsumer,
  facts: Pick<ClusterFacts, 'consumers'>,
  because: string,
): Wave {
  const install: HostStep = { kind: 'install-consumer', consumer, because };
  const told = reload(consumer, 'it may read its files only then');
  return wave(consumer, facts, [install, ...told]);
}

/** Whether the consumer has exactly the CAs that are to be trusted, and was told of them where that can be done. */
export function consumerTrusts(consumer: DesiredConsumer, facts: ClusterFacts): boolean {
  const found = foundConsumer(facts, consumer.name);
  return (
    found?.pki.files.get('ca.crt')?.sha256 === sha256(trustOf(facts)) && isTold(consumer, found)
  );
}

/** Whether the consumer has its pair of the store, and was told of it where that can be done. */
export function consumerIsCurrent(consumer: DesiredConsumer, facts: ClusterFacts): boolean {
  const found = foundConsumer(facts, consumer.name);
  if (found === undefined || whyInstall(consumer, facts, found, new Set()) !== undefined)
    return false;
  return isTold(consumer, found);
}

/**
 * Whether nothing is left to be told to what uses the files. A unit without a process reads them when it starts, and one
 * that was started since has read them.
 */
function isTold(consumer: DesiredConsumer, { pki: { files }, unit }: ConsumerFacts): boolean {
  const { certificate, reload: how } = consumer;
  if (how === undefined || files.has(RELOADED)) return true;
  if ('command' in how) return false;
  if (unit?.runs !== true) return true;
  const written = ['ca.crt', `${certificate}.crt`, `${certificate}.key`].map(
    (name) => files.get(name)?.modifiedAt ?? Number.POSITIVE_INFINITY,
  );
  return unit.startedAt !== undefined && unit.startedAt > Math.max(...written);
}

/** Sentences about consumers that nobody has told of their files, since nothing runs there. */
export function untoldConsumers(
  desired: Pick<DesiredCluster, 'consumers'>,
  facts: Pick<ClusterFacts, 'consumers'>,
): readonly string[] {
  return seenConsumers(desired, facts).flatMap(
    ({ name, desired: consumer, found: { unit: found } }) => {
      const [unit, { directory }] = [unitUsing(consumer), consumer];
      if (unit === undefined || found === undefined || found.runs) return [];
      return [
        found.state === 'not found'
          ? `${name}: has no unit ${unit}: nothing has taken up ${directory}; correct reload.unit, or install it`
          : `${name}: ${unit} is ${found.state}: it has not taken up ${directory}; it reads the files when it starts`,
      ];
    },
  );
}

/** Files of somebody else are never put out of reach. */
export function foreignDirectories(
  desired: DesiredCluster,
  facts: ClusterFacts,
): readonly Refusal[] {
  return seenConsumers(desired, facts).flatMap(({ name, desired: consumer, found }) => {
    const { directory } = consumer;
    const next = [
      remedy`name a directory of its own for this consumer, or move away what is there`,
    ];
    if (found.foreign !== undefined) {
      const sentence = `${name}: ${directory} is ${found.foreign}, and is to become a link to the certificates alone`;
      return [{ kind: 'foreign-directory', about: [name], sentence, next }];
    }
    const whose = whoseFiles(desired.name, consumer, facts, found);
    if (whose === undefined) return [];
    return [
      {
        kind: 'foreign-directory',
        about: [name],
        sentence: `${name}: ${directory} holds ${whose}`,
        next: [remedy`set directory of this consumer to one of its own in ${INVENTORY}`],
      },
    ];
  });
}

/** What the directory holds where that is not this cluster's; nothing where it is, or where nobody can tell. */
function whoseFiles(
  cluster: string,
  { name, certificate }: DesiredConsumer,
  facts: ClusterFacts,
  { owner, pki: { files } }: ConsumerFacts,
): string | undefined {
  if (owner !== undefined)
    return owner === cluster ? undefined : `the certificates of a consumer of cluster ${owner}`;
  // Installed before the directory said whose it is.
  const ofMember = ['server.crt', 'peer.crt'].filter(
    (file) => files.has(file) && file !== `${certificate}.crt`,
  );
  if (ofMember.length > 0) return `the certificates of a member of etcd (${ofMember.join(', ')})`;
  const trusted = files.get('ca.crt')?.sha256;
  const { store, rotation } = facts;
  const known = [store.ca, rotation.next, rotation.previous, ...rotation.retired].filter(
    (ca) => ca !== undefined,
  );
  const bundles = known.flatMap((one) => [
    trustBundle([one]),
    ...known.map((other) => trustBundle([one, other])),
  ]);
  const isOurs =
    bundles.map(sha256).includes(trusted ?? '') ||
    files.get(`${certificate}.crt`)?.sha256 ===
      store.certificates.get(`${name}/${certificate}`)?.certificateSha256;
  if (trusted === undefined || known.length === 0 || isOurs) return undefined;
  return `certificates of another CA than that of the PKI store ${store.directory}`;
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

function reload(
  { reload: how, directory }: DesiredConsumer,
  because: string,
): readonly QuietStep[] {
  return how === undefined ? [] : [{ kind: 'reload-consumer', reload: how, directory, because }];
}

/** The next consumer is left alone until this one runs again and is ready, where it ran before. */
function wave(
  consumer: DesiredConsumer,
  facts: Pick<ClusterFacts, 'consumers'>,
  steps: readonly QuietStep[],
): Wave {
  const { name, ready } = consumer;
  const unit = unitUsing(consumer);
  const runs = unit === undefined || foundConsumer(facts, name)?.unit?.state === 'active';
  const asked = { ...(unit !== undefined && { unit }), ...(ready !== undefined && { ready }) };
  const gate: readonly Gate[] =
    runs && Object.keys(asked).length > 0
      ? [{ kind: 'consumer-ready', members: [], consumer: name, ...asked }]
      : [];
  return quietWave(`change ${name}`, [onHost(name, steps)], gate);
}
