import type { Authority } from '../pki/ca/authority.ts';
import { groupedBy } from '../problem/grouped.ts';
import { problemLines } from '../problem/render.ts';
import { describeBackupStep } from './backup-step.ts';
import { unifiedDiff } from './diff.ts';
import { describeFormerStep } from './former-step.ts';
import { type Gate, gateClauses } from './gate.ts';
import { describePairsStep } from './keeping/pairs-step.ts';
import { placed, stepsOf } from './lane.ts';
import { describeMaintenanceStep, isMaintenanceStep } from './maintaining/maintenance-step.ts';
import { describeMembershipStep, isMembershipStep } from './membership-step.ts';
import { pathsToRemove } from './ownership/host-purge.ts';
import { describeMove } from './place-move.ts';
import type { Plan, Wave } from './plan.ts';
import type { Step } from './step.ts';

/** The plan as a person reads it before saying yes: waves in their order, each step with its reason, changed files as diffs. */
export function describePlan(plan: Plan, inventory?: string): string {
  if (plan.refusals.length > 0) {
    const refusals = plan.refusals.flatMap((one) => problemLines(one, { inventory, indent: 2 }));
    return [`${plan.cluster}: up refuses to go on`, ...refusals].join('\n');
  }
  const notes = [
    ...(plan.left ?? []).map(({ name, because }) => `left: ${name}: ${because}`),
    ...(plan.notes ?? []).map((note) => `note: ${note}`),
  ];
  if (plan.waves.length === 0) return [`${plan.cluster}: nothing to do`, ...notes].join('\n');
  const clause = gateClauses();
  const waves = plan.waves.map((wave, index) => describeWave(wave, index + 1, clause));
  return [`${plan.cluster}: ${count(plan)}`, ...waves, ...notes].join('\n\n');
}

/** How much a plan does, in one line. */
export function count(plan: Plan): string {
  const steps = plan.waves.flatMap(({ lanes }) => stepsOf(lanes));
  const of = (wanted: Step['kind']) => steps.filter(({ kind }) => kind === wanted).length;
  const [restarts, stops] = [of('restart-unit'), of('stop-unit')];
  const reboots = of('reboot-host');
  const effects = [
    ...(reboots > 0 ? [plural(reboots, 'reboot')] : []),
    ...(restarts > 0 ? [plural(restarts, 'restart')] : []),
    ...(plan.stopsAll === true
      ? ['the whole cluster stops']
      : stops > 0
        ? [`${plural(stops, 'member')} stopped`]
        : []),
  ];
  const effect = effects.length === 0 ? 'no restart' : effects.join(', ');
  return `${plural(steps.length, 'step')} in ${plural(plan.waves.length, 'wave')}, ${effect}`;
}

function describeWave(
  wave: Wave,
  number: number,
  clause: (gates: readonly Gate[]) => string,
): string {
  const { title, before = [], lanes, gate } = wave;
  const rows = placed(lanes).map(({ place, step }) => ({
    ...{ place, what: describeStep(step), because: step.because, step },
  }));
  const steps = alike(rows).flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const hosts =
      lanes.length > 1 && same.length === lanes.length
        ? 'each'
        : same.map(({ place }) => place).join(', ');
    return [
      `   ${hosts}: ${first.what} (${first.because})`,
      ...new Set(same.flatMap(({ step }) => diffs(step))),
    ];
  });
  const first = before.length === 0 ? [] : [`   first make sure that ${clause(before)}`];
  const final = finalStep(wave);
  const last = final === undefined ? [] : [`   no way back after: ${describeStep(final)}`];
  const then = gate.length === 0 ? [] : [`   then wait until ${clause(gate)}`];
  return [`${number}. ${title}`, ...first, ...steps, ...last, ...then].join('\n');
}

/** The step of a wave after whose end nothing is put back. */
export function finalStep({ lanes, pointOfNoReturn }: Wave): Step | undefined {
  return stepsOf(lanes).find(({ kind }) => kind === pointOfNoReturn);
}

/** What a step does, in a few words. */
export function describeStep(step: Step): string {
  if (isMembershipStep(step)) return describeMembershipStep(step);
  if (isMaintenanceStep(step)) return describeMaintenanceStep(step);
  switch (step.kind) {
    case 'create-ca':
      return `create ${called(step)}`;
    case 'issue-certificate':
      return `issue ${step.certificate.id}`;
    case 'certify-host-key':
      return `make the key of ${step.certificate.id} there, have its request signed here`;
    case 'remove-store-keys':
      return `remove the keys of ${step.certificates.join(', ')} from the store`;
    case 'create-next-ca':
      return `create ${called(step)} that will sign next`;
    case 'revoke':
      return step.revocations.length === 0
        ? `renew the revocation list${step.authority === 'peer' ? ' of the peers' : ''}`
        : `revoke ${step.revocations.map(({ serial }) => serial).join(', ')}${step.authority === 'peer' ? ' among peers' : ''}`;
    case 'promote-ca':
      return step.authority === 'peer'
        ? 'let the new CA of the peers sign, keep the old one trusted among them'
        : 'let the CA sign that is next, keep the other one trusted';
    case 'retire-ca':
      return step.authority === 'peer'
        ? 'end the trust of peers in the old CA'
        : 'end the trust in the old CA';
    case 'record-proof':
      return 'record in the store that the rotation is over';
    case 'record-consent':
      return `record in the store that ${step.by} ends the trust in the old CA`;
    case 'withdraw-consent':
      return 'record in the store that both CAs stay trusted';
    case 'drop-next-ca':
      return 'set the new CA aside';
    case 'turn-round-ca':
      return 'go back: let the old CA sign again, keep the new one trusted';
    case 'remove-certificates':
      return `remove ${step.certificates.join(', ')} from the store`;
    case 'note-connections':
      return 'note who is connected to its client port';
    case 'watch-clients':
      return `read for ${step.window} s in its log which clients it rejects`;
    case 'watch-port':
      return `look for ${step.window} s who uses port ${step.port} and no other`;
    case 'try-next-leaf':
      return `show clients a certificate of the new CA for ${step.window} s, then the former one again`;
    case 'restore-certificates':
      return 'put back the certificates that were in use before';
    case 'install-consumer':
      return 'install its certificate, key and CA bundle';
    case 'reload-consumer':
      return 'unit' in step.reload
        ? `have ${step.reload.unit} take up ${step.directory}`
        : `run ${step.reload.command}, which has ${step.directory} taken up`;
    case 'probe-listeners':
      return proofOf(step);
    case 'prepare-host':
      // Every host has that one.
      return `make ${step.account === 'root' ? '' : `account ${step.account} and `}${step.directories.map(({ path }) => path).join(', ')}`;
    case 'write-files':
      return `write ${step.files.map(({ file }) => file.path).join(', ')}`;
    case 'install-certificates':
      return `install certificates behind ${step.link}`;
    case 'upload':
      return `upload ${step.binary.name} to ${step.directory}`;
    case 'keep-former':
    case 'guard-unit':
    case 'unguard-unit':
    case 'put-former-back':
      return describeFormerStep(step);
    case 'install-pairs':
    case 'restore-pairs':
      return describePairsStep(step);
    case 'point-link':
      return `point ${step.link} at ${step.target}`;
    case 'remove-unused':
      return `remove ${step.paths.join(', ')}`;
    case 'enable-unit':
      return `enable ${step.unit}.service`;
    case 'require-not-taken-up':
      return `see that the cluster has not taken up ${step.version}`;
    case 'enable-downgrade':
      return `have the cluster go down to ${step.to}: etcdctl downgrade enable ${step.to}`;
    case 'cancel-downgrade':
      return 'have the cluster not go down: etcdctl downgrade cancel';
    case 'await-peer':
      return `give ${step.member} time to answer its peers`;
    case 'start-unit':
      return [...(step.moves ?? []).map(describeMove), `start ${step.unit}.service`].join(', ');
    case 'await-ready':
      return `wait until ${step.unit}.service is ready`;
    case 'yield-leadership':
      return 'hand leadership to another member, if it leads';
    case 'restart-unit':
      if (step.moves !== undefined)
        return `stop ${step.unit}.service, ${step.moves.map(describeMove).join(', ')}, start it`;
      if (step.handover !== undefined)
        return `restart ${step.unit}.service, and give ${step.handover.data} and its keys to ${step.handover.account} while it is stopped`;
      return step.v2Check === undefined
        ? `restart ${step.unit}.service`
        : `restart ${step.unit}.service, if nothing of the v2 API is left in ${step.v2Check.data}`;
    case 'reboot-host':
      return `reboot the host, and wait up to ${step.seconds} s until it is up again`;
    case 'stop-unit':
      return `stop ${step.unit}.service`;
    case 'disable-unit':
      return `stop and disable ${step.unit}.service`;
    case 'purge':
      return `remove ${pathsToRemove(step.purge).join(', ')}`;
    case 'record-log':
      return 'record which log it has';
    case 'move-aside':
      return `move ${[step.path, ...(step.logs ?? [])].join(' and ')} aside`;
    default:
      return describeBackupStep(step);
  }
}

/** Rows in groups: the same step for the same reason on several hosts is one line. */
function alike<Row extends { readonly what: string; readonly because: string }>(
  rows: readonly Row[],
): readonly (readonly Row[])[] {
  return [...groupedBy(rows, ({ what, because }) => `${what} ${because}`).values()];
}

const PROOFS = {
  both: {
    'new-leaves-served': 'see that client and peer port show the new certificates',
    'next-ca-trusted':
      'see that client and peer port accept certificates of the CA that signs next',
    'former-ca-refused':
      'see that client and peer port refuse the old CA and connections without a certificate',
  },
  client: {
    'new-leaves-served': 'see that the client port shows the new certificate',
    'next-ca-trusted': 'see that the client port accepts certificates of the CA that signs next',
    'former-ca-refused':
      'see that the client port refuses the old CA and connections without a certificate',
  },
  peer: {
    'new-leaves-served': 'see that the peer port shows the new certificate',
    'next-ca-trusted': 'see that the peer port accepts certificates of the new CA',
    'former-ca-refused':
      'see that the peer port refuses the old CA, every kind of client certificate and connections without one',
  },
} as const;

function proofOf(step: Extract<Step, { readonly kind: 'probe-listeners' }>): string {
  const isOfBoth = step.authority === undefined;
  // At their port clients are asked for nothing.
  if (isOfBoth && step.listeners.every(({ port }) => port === 'peer'))
    return 'see that the peer port refuses the old CA and connections without a certificate';
  return PROOFS[step.authority ?? 'both'][step.proof];
}

function called({ authority }: { readonly authority?: Authority | undefined }): string {
  return authority === 'peer' ? 'the CA of the peers' : 'the CA';
}

function diffs(step: Step): readonly string[] {
  if (step.kind !== 'write-files') return [];
  return step.files
    .filter(({ before }) => before !== undefined)
    .map(({ file, before }) => indent(unifiedDiff(file.path, before, file.content)));
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
