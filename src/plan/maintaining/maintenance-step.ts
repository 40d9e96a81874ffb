import type { OwnPlaces } from '../../desired/access.ts';
import { describeBytes } from '../../etcd/bytes.ts';
import type { PlannedCluster } from '../planned-cluster.ts';

/** What housekeeping does to the databases of members, through the members themselves. */
export type MaintenanceStep =
  | {
      /**
       * Has the member rewrite its database without what is free in it; it takes no request meanwhile. Fails where what is left
       * does not fit.
       */
      readonly kind: 'defragment';
      readonly own: OwnPlaces;
      /** The directory that must have space for the copy. */
      readonly data: string;
      /** How long it is waited for. */
      readonly seconds: number;
      /** The quota of its process, and what of it the database may have then, bytes; missing where that does not matter. */
      readonly limit?: { readonly quota: number; readonly most: number };
    }
  | {
      /** Has the cluster forget what it held before a revision, and waits until this member has removed it. */
      readonly kind: 'compact';
      readonly own: OwnPlaces;
      readonly revision: number;
      readonly seconds: number;
    }
  | {
      /** Disarms NOSPACE once every member is smaller than this. */
      readonly kind: 'disarm-nospace';
      /** Whose members are asked. */
      readonly cluster: PlannedCluster;
      /** Bytes each member may have at most, where it has a quota. */
      readonly most: Readonly<Record<string, number>>;
    };

/** The step of one kind. */
export type MaintenanceStepOf<Kind extends MaintenanceStep['kind']> = Extract<
  MaintenanceStep,
  { readonly kind: Kind }
>;

/** What such a step does, in a few words. */
export function describeMaintenanceStep(step: MaintenanceStep): string {
  switch (step.kind) {
    case 'defragment':
      return `defragment its database; it takes no requests meanwhile, ${step.seconds} s at most are waited for${step.limit === undefined ? '' : `; go on if it has less than ${describeBytes(step.limit.most)} then`}`;
    case 'compact':
      return `compact the history before revision ${step.revision}, and wait until it has removed it`;
    case 'disarm-nospace':
      return 'disarm NOSPACE, if every database is below 0.9 of its quota';
    default:
      return step satisfies never;
  }
}

const KINDS: Readonly<Record<MaintenanceStep['kind'], true>> = {
  defragment: true,
  compact: true,
  'disarm-nospace': true,
};

/** Whether a step is housekeeping: its kind says so. */
export function isMaintenanceStep(step: { readonly kind: string }): step is MaintenanceStep {
  return Object.hasOwn(KINDS, step.kind);
}
