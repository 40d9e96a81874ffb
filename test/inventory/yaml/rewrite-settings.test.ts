import test from 'ava';
import { parseInventory } from '../../../src/inventory/parse.ts';
import { rewriteSettings } from '../../../src/inventory/yaml/rewrite-settings.ts';

const INVENTORY = `# the cluster of the shop
cluster: shop

etcd:
  version: 3.7.1   # was 3.4.23
  settings:
    # large values are written at night
    max-request-bytes: 2000000
    experimental-compaction-batch-limit: 500 # agreed with the store team
    enable-v2: true
    experimental-initial-corrupt-check: true
    log-output: stderr
    experimental-watch-progress-notify-interval: '5s'
members:
  - { name: etcd01, address: 198.18.0.11 } # rack 1
  - { name: etcd02, address: 198.18.0.12, settings: { experimental-snapshot-catchup-entries: 900 } }
  - name: etcd03
    address: 198.18.0.13
`;

test('rewriteSettings() gives settings the names of the version, and leaves all else as it is written', (t) => {
  const rewritten = rewriteSettings(INVENTORY);
  t.deepEqual(rewritten?.leftOut, ['etcd.settings.enable-v2']);
  t.is(
    rewritten?.text,
    `# the cluster of the shop
cluster: shop

etcd:
  version: 3.7.1   # was 3.4.23
  settings:
    # large values are written at night
    max-request-bytes: 2000000
    compaction-batch-limit: 500 # agreed with the store team
    feature-gates: InitialCorruptCheck=true
    log-outputs: stderr
    watch-progress-notify-interval: '5s'
members:
  - { name: etcd01, address: 198.18.0.11 } # rack 1
  - { name: etcd02, address: 198.18.0.12, settings: { snapshot-catchup-entries: 900 } }
  - name: etcd03
    address: 198.18.0.13
`,
  );
  const { inventory } = parseInventory(rewritten?.text ?? '', 'inventory.yaml');
  t.is(inventory.etcd.settings['compaction-batch-limit'], 500);
  t.is(rewriteSettings(rewritten?.text ?? ''), undefined);
});

test('rewriteSettings() goes back to the names of an earlier version too', (t) => {
  const later = INVENTORY.replace('3.7.1', '3.6.14');
  const back = rewriteSettings(later)?.text.replace('3.6.14', '3.5.33') ?? '';
  const { text, leftOut } = rewriteSettings(back) ?? { text: '', leftOut: ['nothing'] };
  t.deepEqual(leftOut, []);
  const { inventory } = parseInventory(text, 'inventory.yaml');
  t.deepEqual(inventory.etcd.settings, {
    'max-request-bytes': 2000000,
    'experimental-compaction-batch-limit': 500,
    'experimental-initial-corrupt-check': true,
    'log-outputs': 'stderr',
    'experimental-watch-progress-notify-interval': '5s',
  });
  t.deepEqual(inventory.members[1]?.settings, { 'experimental-snapshot-catchup-entries': 900 });
});

test('rewriteSettings() keeps what is given by its later name already', (t) => {
  const both = `cluster: a
etcd:
  version: 3.6.14
  settings:
    compaction-batch-limit: 1
    experimental-compaction-batch-limit: 2
    feature-gates: CompactHashCheck=false
    experimental-compact-hash-check-enabled: true
    experimental-initial-corrupt-check: true
members: [ { name: a, address: 198.18.0.11 } ]
`;
  t.is(
    rewriteSettings(both)?.text,
    `cluster: a
etcd:
  version: 3.6.14
  settings:
    compaction-batch-limit: 1
    feature-gates: 'CompactHashCheck=false,InitialCorruptCheck=true'
members: [ { name: a, address: 198.18.0.11 } ]
`,
  );
});

test('rewriteSettings() says nothing of an inventory that is right, or that is none', (t) => {
  t.is(rewriteSettings('cluster: a\n'), undefined);
  t.is(rewriteSettings('etcd: [\n'), undefined);
  t.is(
    rewriteSettings(
      INVENTORY.replace(/^ {4}(experimental|enable|log-out).*\n/gm, '').replace(
        ', settings: { experimental-snapshot-catchup-entries: 900 }',
        '',
      ),
    ),
    undefined,
  );
});
