import type { OwnPlaces } from '../desired/access.ts';
import type { RestorePlaces } from '../desired/restoring.ts';
import type { RestoreOrder } from '../etcd/snapshot-tool.ts';

/** What says how a member runs; kept with the former data, so that both can be put back. */
export interface ConfigurationFiles {
  readonly conf: string;
  readonly unit: string;
  /** Links: to the programs, to the certificates. */
  readonly current: string;
  readonly pki: string;
}

/** What restores and schedules of snapshots do to a host. */
export type BackupStep =
  | {
      readonly kind: 'upload-snapshot';
      readonly to: string;
      /** `user:group` */
      readonly owner: string;
      /** bytes */
      readonly size: number;
      /** What is to fit beside it; bytes. */
      readonly spaceBeside: number;
    }
  | {
      readonly kind: 'restore-beside';
      readonly account: string;
      /** Directory of the programs. */
      readonly directory: string;
      readonly version: string;
      /** Of the snapshot, bytes. */
      readonly size: number;
      readonly places: RestorePlaces;
      readonly order: RestoreOrder;
    }
  | {
      readonly kind: 'keep-configuration';
      readonly places: RestorePlaces;
      readonly files: ConfigurationFiles;
    }
  | { readonly kind: 'swap-data'; readonly places: RestorePlaces; readonly account: string }
  | {
      readonly kind: 'put-data-back';
      readonly places: RestorePlaces;
      readonly files: ConfigurationFiles;
      /** The restored data is in place, so the former must lie aside. */
      readonly isRestored: boolean;
    }
  /** Sees that nobody has written since the snapshot, on the last member that runs. */
  | { readonly kind: 'check-unchanged'; readonly own: OwnPlaces; readonly revision: number }
  | {
      /** Disarms alarms about members that are not in the cluster. */
      readonly kind: 'forget-alarms';
      readonly own: OwnPlaces;
      /** The ids that they name where members have left; missing where a snapshot brought them. */
      readonly ended?: readonly string[];
    }
  | {
      readonly kind: 'check-restored';
      readonly own: OwnPlaces;
      readonly places: RestorePlaces;
      readonly bumpRevision: number;
      /** How many keys there must be, where it is known. */
      readonly keys: number | undefined;
    }
  | { readonly kind: 'remove'; readonly paths: readonly string[] }
  | { readonly kind: 'start-timer'; readonly timer: string }
  | { readonly kind: 'remove-timer'; readonly timer: string; readonly paths: readonly string[] };

/** What such a step does, in a few words. */
export function describeBackupStep(step: BackupStep): string {
  switch (step.kind) {
    case 'upload-snapshot':
      return `bring the snapshot to ${step.to}`;
    case 'restore-beside':
      return `restore it in ${step.places.restoredData}${step.order.bumpRevision > 0 ? `, revision moved on by ${step.order.bumpRevision}` : ''}`;
    case 'keep-configuration':
      return `copy ${Object.values(step.files).join(', ')} to ${step.places.aside}/provision`;
    case 'swap-data':
      return `move what is in ${step.places.data} to ${step.places.aside}, and the restored data there${logToo(step.places)}`;
    case 'put-data-back':
      return `move what is in ${step.places.aside} back to ${step.places.data}, with its configuration${logToo(step.places)}`;
    case 'check-unchanged':
      return `see that it still has revision ${step.revision}`;
    case 'forget-alarms':
      return step.ended === undefined
        ? 'disarm alarms that came with the snapshot, if any'
        : 'disarm the corruption alarm: those that stay hold the same';
    case 'check-restored':
      return 'compare revision and keys with the snapshot';
    case 'remove':
      return `remove ${step.paths.join(', ')}`;
    case 'start-timer':
      return `enable and start ${step.timer}`;
    case 'remove-timer':
      return `stop ${step.timer}, remove ${step.paths.join(', ')}`;
    default:
      return step satisfies never;
  }
}

function logToo({ log }: RestorePlaces): string {
  return log === undefined ? '' : `; the same of the log in ${log.home}`;
}
