import test from 'ava';
import type { KvClient } from '../observer/kv-client.ts';
import type { Change, WatchStream } from '../observer/watch-stream.ts';
import { watcher } from '../observer/watcher.ts';

const put = (revision: number, key: string, value = 'x'): Change => ({
  revision: BigInt(revision),
  key,
  value,
});

/** A member that sends these changes and breaks off; from which revision each watch was asked for is kept. */
function script(histories: readonly (readonly Change[])[]) {
  const asked: bigint[] = [];
  const client: Pick<KvClient, 'watch'> = {
    watch: (from, onChanges): WatchStream => {
      const changes = histories[asked.length];
      asked.push(from);
      onChanges(changes ?? []);
      let close = () => {};
      const closed = new Promise<Error>((resolve) => {
        close = () => resolve(new Error('closed'));
      });
      return { ended: changes === undefined ? closed : Promise.resolve(new Error('cut')), close };
    },
  };
  return { asked, member: { url: 'http://one', client } };
}

test('watcher() goes on from the revision after the last seen and finds a whole history whole', async (t) => {
  const { asked, member } = script([
    [put(2, 'p/a'), put(3, 'q')],
    [put(4, 'p/b'), put(4, 'p/c')],
  ]);
  const watch = watcher(() => [member], 'p/');
  const missing = () => (watch.saw('p/c', 'x') ? [] : ['p/c']);
  t.deepEqual(await watch.stop(missing, 5000), { missed: [] });
  t.deepEqual(asked.slice(0, 2), [1n, 4n]);
  t.deepEqual(watch.disordered, []);
  t.is(watch.breaks[0]?.why, 'cut');
});

test('watcher() tells revisions that are left out, seen twice, or out of order, and what was never seen', async (t) => {
  const { member } = script([[put(2, 'p/a'), put(4, 'p/b'), put(4, 'p/b'), put(3, 'p/c')]]);
  const watch = watcher(() => [member], 'p/');
  t.deepEqual(await watch.stop(() => ['p/d'], 200), { missed: ['p/d'] });
  t.deepEqual(watch.disordered, ['4 after 2', 'p/b twice at 4', '3 behind 4']);
  t.true(watch.saw('p/c', 'x'));
});
