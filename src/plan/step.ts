import type { Binary } from '../binaries/binary.ts';
import type { Trial } from '../binaries/trial.ts';
import type { OwnPlaces } from '../desired/access.ts';
import type { DesiredConsumer, Reload } from '../desired/consumers.ts';
import type { RemoteFile } from '../host/write-files.ts';
import type { DesiredCertificate } from '../pki/desired-certificate.ts';
import type { BackupStep } from './backup-step.ts';
import type { Dialable, InstallCertificates, LogPlace, StartedProgram } from './carried.ts';
import type { ProbeStep } from './certificates/probe-step.ts';
import type { Concern } from './concern.ts';
import type { FormerStep } from './former-step.ts';
import type { Handover } from './handover.ts';
import type { HereStep } from './here-step.ts';
import type { PairsStep } from './keeping/pairs-step.ts';
import type { MaintenanceStep } from './maintaining/maintenance-step.ts';
import type { MembershipStep } from './membership-step.ts';
import type { HostPurge } from './ownership/host-purge.ts';
import type { PlaceMove } from './place-move.ts';
import type { PlannedCluster } from './planned-cluster.ts';
import type { V2Check } from './upgrading/v2-check.ts';

/** The closed list of things ever done to a host. Data only: `apply/perform-on-host.ts` says how. */
export type HostStep = { readonly because: string } & (
  | {
      /** Has the host make a key that stays there, and signs the request for it here. */
      readonly kind: 'certify-host-key';
      readonly certificate: DesiredCertificate;
      /** Where the host keeps the key until it is installed. */
      readonly directory: string;
    }
  | {
      readonly kind: 'prepare-host';
      readonly account: string;
      readonly directories: readonly Directory[];
    }
  | { readonly kind: 'write-files'; readonly files: readonly FileChange[] }
  | InstallCertificates
  | {
      readonly kind: 'restore-certificates';
      readonly link: string;
      /** What the link pointed at. */
      readonly target: string;
    }
  | { readonly kind: 'install-consumer'; readonly consumer: DesiredConsumer }
  | {
      /** Has what uses the certificates in the directory take them up. */
      readonly kind: 'reload-consumer';
      readonly reload: Reload;
      readonly directory: string;
    }
  | ProbeStep
  | {
      /** Keeps on the host who is connected to its client port now. */
      readonly kind: 'note-connections';
      readonly unit: string;
      readonly pki: string;
      readonly port: number;
    }
  | {
      /** Waits, then fails when clients were rejected since the member started. */
      readonly kind: 'watch-clients';
      readonly member: string;
      readonly unit: string;
      /** How long, in seconds. */
      readonly window: number;
      /** Addresses that may be rejected. */
      readonly accepted: readonly string[];
    }
  | {
      /** Shows clients a leaf of the CA that signs next for a while, puts the former one back, and fails when any refused it. */
      readonly kind: 'try-next-leaf';
      readonly member: string;
      readonly unit: string;
      /** The leaf that clients see otherwise. */
      readonly like: DesiredCertificate;
      /** What is installed there now, and again in the end. */
      readonly former: InstallCertificates;
      readonly window: number;
      readonly accepted: readonly string[];
    }
  | {
      readonly kind: 'upload';
      readonly binary: Binary;
      readonly directory: string;
      /** The sha256 of what was there, which it may replace. */
      readonly former?: string;
      /** How it is seen to run there, as the version it must be. */
      readonly trial: Trial;
      readonly unit: string;
    }
  | { readonly kind: 'point-link'; readonly link: string; readonly target: string }
  | {
      /** Programs or links to them, unless somebody on the host names them by then. */
      readonly kind: 'remove-unused';
      readonly cluster: string;
      /** The directory of programs and links. */
      readonly bin: string;
      readonly paths: readonly string[];
    }
  | { readonly kind: 'enable-unit'; readonly unit: string }
  | {
      /** Gives another member time to answer at its peer port. */
      readonly kind: 'await-peer';
      readonly member: string;
      readonly listener: Dialable['listener'];
    }
  | {
      readonly kind: 'start-unit';
      readonly unit: string;
      readonly program?: StartedProgram;
      readonly emptyStart?: true;
      readonly v2Check?: V2Check;
      /** Where its data and its log come while it is stopped. */
      readonly moves?: readonly PlaceMove[];
    }
  | {
      readonly kind: 'await-ready';
      readonly unit: string;
      readonly log: LogPlace;
      readonly emptyStart?: true;
    }
  | {
      /** Fails where the cluster has taken up the minor version of this one. */
      readonly kind: 'require-not-taken-up';
      readonly version: string;
      /** Who is asked. */
      readonly members: readonly Dialable[];
    }
  | {
      /** Has the cluster take up an earlier minor version, so that its programs start; nothing where it was told so before. */
      readonly kind: 'enable-downgrade';
      readonly own: OwnPlaces;
      readonly to: string;
    }
  | {
      /** Has the cluster not go down any further, and take up the version of its members again; nothing where it does not go down. */
      readonly kind: 'cancel-downgrade';
      readonly own: OwnPlaces;
    }
  | {
      readonly kind: 'yield-leadership';
      /** Whose leadership it is, and how the member is asked whether it has it. */
      readonly cluster: PlannedCluster;
      /** Ids of members that do not get it: they are away. */
      readonly except?: readonly string[];
    }
  | {
      readonly kind: 'restart-unit';
      readonly unit: string;
      /** Whose its data and keys become while it is stopped. */
      readonly handover?: Handover;
      readonly program?: StartedProgram;
      readonly emptyStart?: true;
      readonly v2Check?: V2Check;
      /** Where its data and its log come while it is stopped. */
      readonly moves?: readonly PlaceMove[];
    }
  | { readonly kind: 'stop-unit'; readonly unit: string }
  | {
      /** Reboots the host, unless it has since this boot, and waits until it is up again. */
      readonly kind: 'reboot-host';
      readonly bootId: string;
      /** How long it may take. */
      readonly seconds: number;
      /** What stands behind the inventory in the command that goes on: the same hosts, and no others. */
      readonly words: readonly string[];
    }
  | {
      /** Stops a unit, where there is one, and has it started no more at boot. */
      readonly kind: 'disable-unit';
      readonly unit: string;
    }
  | {
      /** Removes what a cluster has on a host; what others use by then stays. */
      readonly kind: 'purge';
      readonly purge: HostPurge;
    }
  | { readonly kind: 'move-aside'; readonly path: string; readonly logs?: readonly string[] }
  | {
      /** Records outside the data directory which log a member has. */
      readonly kind: 'record-log';
      readonly member: string;
      readonly log: LogPlace;
    }
  | BackupStep
  | FormerStep
  | PairsStep
  | MembershipStep
  | MaintenanceStep
);

/** Everything that is ever done, on hosts and here. */
export type Step = HereStep | HostStep;

/**
 * What an etcd that runs on the host notices of a step: nothing, nor could it fail on it later (`harmless`), nothing at once
 * (`quiet`), or all of it; and what a member that is away would have to know of it. The compiler asks for each kind.
 */
export const TOUCH = {
  // What etcd reads at its next start or handshake, what is beside it, and what only waits.
  'certify-host-key': ['harmless', 'nothing'],
  'prepare-host': ['harmless', 'nothing'],
  'write-files': ['quiet', 'nothing'],
  'install-certificates': ['quiet', 'nothing'],
  'restore-certificates': ['quiet', 'nothing'],
  'install-consumer': ['harmless', 'nothing'],
  'reload-consumer': ['harmless', 'nothing'],
  'probe-listeners': ['harmless', 'nothing'],
  'note-connections': ['harmless', 'nothing'],
  'watch-clients': ['harmless', 'nothing'],
  'try-next-leaf': ['quiet', 'trust'],
  upload: ['harmless', 'nothing'],
  'keep-former': ['harmless', 'nothing'],
  'put-former-back': ['quiet', 'nothing'],
  'install-pairs': ['quiet', 'nothing'],
  'restore-pairs': ['quiet', 'nothing'],
  'guard-unit': ['harmless', 'nothing'],
  'unguard-unit': ['harmless', 'nothing'],
  'point-link': ['quiet', 'nothing'],
  'remove-unused': ['harmless', 'nothing'],
  'enable-unit': ['quiet', 'nothing'],
  'await-peer': ['harmless', 'nothing'],
  'await-ready': ['harmless', 'nothing'],
  'require-not-taken-up': ['harmless', 'minor'],
  'enable-downgrade': ['quiet', 'minor'],
  'cancel-downgrade': ['quiet', 'minor'],
  'record-log': ['harmless', 'nothing'],
  'upload-snapshot': ['harmless', 'data'],
  'restore-beside': ['harmless', 'data'],
  'keep-configuration': ['harmless', 'data'],
  'check-unchanged': ['harmless', 'data'],
  'forget-alarms': ['quiet', 'alarm'],
  'check-restored': ['harmless', 'data'],
  remove: ['harmless', 'nothing'],
  'start-timer': ['harmless', 'nothing'],
  'remove-timer': ['harmless', 'nothing'],
  'dial-peers': ['harmless', 'list'],
  'await-joined': ['harmless', 'list'],
  compact: ['quiet', 'nothing'],
  'disarm-nospace': ['quiet', 'alarm'],
  // Stops, starts or moves a member.
  'start-unit': ['moving', 'nothing'],
  'restart-unit': ['moving', 'nothing'],
  'stop-unit': ['moving', 'halt'],
  'disable-unit': ['moving', 'halt'],
  'reboot-host': ['moving', 'nothing'],
  'yield-leadership': ['moving', 'nothing'],
  'move-leadership': ['moving', 'nothing'],
  // Keeps it from its work as long as it takes.
  defragment: ['moving', 'nothing'],
  // Changes the list of them.
  'add-member': ['moving', 'list'],
  'promote-member': ['moving', 'list'],
  'withdraw-member': ['moving', 'list'],
  'remove-member': ['moving', 'list'],
  'update-peer-urls': ['moving', 'list'],
  'retire-host': ['moving', 'list'],
  // Takes the data from under a member: it must stand still by then.
  'move-aside': ['moving', 'data'],
  'swap-data': ['moving', 'data'],
  'put-data-back': ['moving', 'data'],
  purge: ['moving', 'data'],
} as const satisfies Readonly<
  Record<HostStep['kind'], readonly ['harmless' | 'quiet' | 'moving', Concern]>
>;

/** Whether a step, once begun, is more than preparation: a member or what the cluster holds is not what it was. */
export function changesCluster(kind: Step['kind']): boolean {
  return CHANGES.has(kind);
}

const CHANGES: ReadonlySet<string> = new Set([
  ...Object.entries(TOUCH).flatMap(([kind, [touch]]) => (touch === 'moving' ? [kind] : [])),
  // What a person has agreed to forget.
  ...['compact', 'disarm-nospace'],
  ...['enable-downgrade', 'cancel-downgrade'],
]);

type QuietKind = {
  [Kind in HostStep['kind']]: (typeof TOUCH)[Kind][0] extends 'moving' ? never : Kind;
}[HostStep['kind']];

/** What a cluster that serves loses nothing by at once, though it is done to its hosts. */
export type QuietStep = Extract<HostStep, { readonly kind: QuietKind }>;

export interface Directory {
  readonly path: string;
  readonly mode: number;
  readonly owner: string;
  /** Whether everything in it has the same owner. */
  readonly whole?: boolean;
}

export interface FileChange {
  readonly file: RemoteFile & { readonly content: string };
  /** What is there now. */
  readonly before: string | undefined;
  readonly because: string;
}
