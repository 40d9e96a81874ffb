import test from 'ava';
import { leftOfV2 } from '../../../src/apply/units/check-v2.ts';

const says = test.macro((t, stdout: string, sentence: RegExp) => {
  t.regex(leftOfV2('etcd01', { stdout, stderr: '' }).message, sentence);
});

// What etcdutl check v2store of 3.5.33 says (etcdutl/check_command.go).
test(
  'leftOfV2() names the store',
  says,
  'detected custom content in v2store',
  /^etcd01: its store holds what/,
);
test(
  'leftOfV2() names the log',
  says,
  'detected custom v2 content in WAL records',
  /^etcd01: its log holds what/,
);
test(
  'leftOfV2() names both',
  says,
  'detected custom v2 content in both v2store and WAL records',
  /^etcd01: its store and its log holds what/,
);
test(
  'leftOfV2() does not call it v2 where the tool could not look',
  says,
  'Error: open /var/lib/etcd/member/snap: permission denied',
  /^etcd01: its data could not be searched/,
);
