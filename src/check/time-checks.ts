import { describeSkew } from '../facts/host/skew.ts';
import { INVENTORY, provision, remedy } from '../problem/remedy.ts';
import type { CheckedHost, KnownHost } from './checked-host.ts';
import { fail, type HostCheck, pass, warn } from './verdict.ts';

/** Seconds a clock may be off before somebody should know. */
const TOLERATED = 1;

export const clock: HostCheck<KnownHost> = {
  name: 'clock',
  judge: ({ clock: { ahead, doubt }, now, certificates }) => {
    const set = 'set it: timedatectl set-ntp true, or chronyc makestep';
    const earliest = now.getTime() + (ahead - doubt) * 1000;
    const latest = now.getTime() + (ahead + doubt) * 1000;
    const skew = `${describeSkew(ahead)} this machine's`;
    if (certificates !== undefined && latest < certificates.from.getTime())
      return fail(
        `${skew}: certificates are not valid there yet, members would refuse each other`,
        [remedy`${set}`],
      );
    if (certificates !== undefined && earliest > certificates.until.getTime())
      return fail(`${skew}: certificates have expired there`, [
        remedy`${set}; or renew them: ${provision('up', INVENTORY)}`,
      ]);
    return Math.abs(ahead) - doubt > TOLERATED
      ? warn(skew, [remedy`${set}`])
      : pass(`within ${Math.max(0.01, Math.abs(ahead) + doubt).toFixed(2)} s of this machine's`);
  },
};

export const synchronization: HostCheck<CheckedHost> = {
  name: 'time synchronization',
  judge: ({ surroundings: { isSynchronized } }) =>
    isSynchronized
      ? pass('on')
      : warn('systemd knows of none: clocks drift apart, until certificates look invalid', [
          remedy`install chrony or systemd-timesyncd, and enable it`,
        ]),
};
