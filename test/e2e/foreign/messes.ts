import { copiedDisk, oldDatabase, oldDisk } from './messes/disks.ts';
import { halfDowngrade } from './messes/half-downgrade.ts';
import { httpsOverHttp } from './messes/https-over-http.ts';
import type { Mess } from './messes/mess.ts';

/** Every way of spoiling a cluster that tests know, one row each. */
export const MESSES: readonly Mess[] = [
  httpsOverHttp,
  copiedDisk,
  oldDisk,
  oldDatabase,
  halfDowngrade,
];
