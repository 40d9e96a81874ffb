import test from 'ava';
import { atVersion } from '../../src/desired/at-version.ts';
import { parseInventory } from '../../src/inventory/parse.ts';

test('atVersion() gives settings the names of that version, and leaves out those to come', (t) => {
  const { inventory } = parseInventory(
    JSON.stringify({
      cluster: 'prod',
      etcd: {
        version: '3.6.14',
        settings: {
          'compaction-batch-limit': 500,
          'max-learners': 2,
          'heartbeat-interval': 200,
        },
      },
      members: [{ name: 'etcd01', address: '198.18.0.11' }],
    }),
    'inventory.yaml',
  );
  const { etcd } = atVersion(inventory, '3.5.33');
  t.is(etcd.version, '3.5.33');
  t.deepEqual(etcd.settings, {
    'experimental-compaction-batch-limit': 500,
    'heartbeat-interval': 200,
  });
});

test('atVersion() gives each version on the way what it knows of the last one', (t) => {
  const { inventory } = parseInventory(
    JSON.stringify({
      cluster: 'prod',
      etcd: {
        version: '3.7.1',
        settings: {
          'feature-gates': 'InitialCorruptCheck=true,CompactHashCheck=true',
          'watch-progress-notify-interval': '5s',
        },
      },
      members: [{ name: 'etcd01', address: '198.18.0.11' }],
    }),
    'inventory.yaml',
  );
  const at = (version: string) => atVersion(inventory, version).etcd.settings;
  t.deepEqual(at('3.4.23'), {
    'experimental-initial-corrupt-check': true,
    'experimental-watch-progress-notify-interval': '5s',
  });
  t.deepEqual(at('3.5.33'), {
    'experimental-initial-corrupt-check': true,
    'experimental-compact-hash-check-enabled': true,
    'experimental-watch-progress-notify-interval': '5s',
  });
  t.deepEqual(at('3.6.14'), inventory.etcd.settings);
});
