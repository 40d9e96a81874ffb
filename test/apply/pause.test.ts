import test from 'ava';
import { pause } from '../../src/apply/pause.ts';

test('pause() waits, and ends with the reason for which it is told to', async (t) => {
  await t.notThrowsAsync(pause(1, new AbortController().signal));
  const reason = new Error('the lock is lost');
  await t.throwsAsync(pause(60_000, AbortSignal.abort(reason)), { is: reason });
  const stopping = new AbortController();
  const waiting = pause(60_000, stopping.signal);
  stopping.abort(reason);
  await t.throwsAsync(waiting, { is: reason });
});
