import test from 'ava';
import { rebootedText } from '../../src/report/rebooted-text.ts';

test('rebootedText() counts, and says what is proved where no host was left', (t) => {
  const told = (...rebooted: readonly string[]) =>
    rebootedText({ cluster: 'prod', rebooted, away: [] });
  t.deepEqual(
    [told('a'), told('a', 'b'), told()],
    [
      'prod: rebooted a; it has come back, all members answer, and a write was taken',
      'prod: rebooted a, b; all have come back, all members answer, and a write was taken',
      'prod: the reboot that did not come to its end is over now: all its hosts have come up since it began, all members answer, and a write was taken',
    ],
  );
});
