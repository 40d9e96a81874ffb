import type { Step } from './step.ts';

/**
 * Whether a running etcd on the same host notices nothing of a step, nor could fail on it later by itself. What it could
 * notice belongs into a wave that changes one member, with a gate behind it and a way back. A table over all kinds: the
 * compiler asks for every new one.
 */
export function isHarmless(step: Step): boolean {
  switch (step.kind) {
    case 'prepare-host':
      // A change of owner below a running etcd takes its files away.
      return step.directories.every(({ whole }) => whole !== true);
    default:
      return HARMLESS[step.kind];
  }
}

const HARMLESS: Readonly<Record<Exclude<Step['kind'], 'prepare-host'>, boolean>> = {
  // On the machine of the operator.
  'create-ca': true,
  'issue-certificate': true,
  'create-next-ca': true,
  revoke: true,
  'promote-ca': true,
  'retire-ca': true,
  'record-proof': true,
  'remove-store-keys': true,
  'remove-certificates': true,
  'record-consent': true,
  'withdraw-consent': true,
  'drop-next-ca': true,
  'turn-round-ca': true,
  'watch-port': true,
  // Beside what is in use: a program is renamed over, and the running one keeps its file.
  'certify-host-key': true,
  upload: true,
  'upload-snapshot': true,
  'restore-beside': true,
  'keep-configuration': true,
  remove: true,
  'remove-unused': true,
  'start-timer': true,
  'remove-timer': true,
  // Outside its data directory.
  'record-log': true,
  // Questions and waiting.
  'await-peer': true,
  'require-not-taken-up': true,
  'await-ready': true,
  'probe-listeners': true,
  'dial-peers': true,
  'await-joined': true,
  'check-restored': true,
  'check-unchanged': true,
  'note-connections': true,
  'watch-clients': true,
  // Somebody else's.
  'install-consumer': true,
  'reload-unit': true,
  // What etcd reads at its next start or handshake, and what stops, starts or moves it.
  'write-files': false,
  'install-certificates': false,
  'restore-certificates': false,
  'try-next-leaf': false,
  'point-link': false,
  'enable-unit': false,
  'start-unit': false,
  'restart-unit': false,
  'stop-unit': false,
  'disable-unit': false,
  'reboot-host': false,
  'yield-leadership': false,
  'add-member': false,
  'promote-member': false,
  'withdraw-member': false,
  'remove-member': false,
  'retire-host': false,
  'move-leadership': false,
  'update-peer-urls': false,
  'move-aside': false,
  'swap-data': false,
  'put-data-back': false,
  purge: false,
  'forget-alarms': false,
  defragment: false,
  compact: false,
  'disarm-nospace': false,
};
