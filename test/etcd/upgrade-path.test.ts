import test from 'ava';
import { changesMinor, upgradePath } from '../../src/etcd/upgrade-path.ts';

const leads = test.macro((t, from: string, to: string, over: readonly string[]) => {
  t.deepEqual(upgradePath(from, to), over);
});

test('upgradePath() goes to a later patch at once', leads, '3.5.16', '3.5.30', ['3.5.30']);
test('upgradePath() goes to the next minor version at once', leads, '3.4.23', '3.5.30', ['3.5.30']);
test('upgradePath() first goes to a patch from which one may go on', leads, '3.4.9', '3.5.30', [
  ...['3.4.45', '3.5.30'],
]);
test('upgradePath() wants the repairs of 3.5.32 before 3.6', leads, '3.5.30', '3.6.14', [
  ...['3.5.33', '3.6.14'],
]);
test('upgradePath() leaves no minor version out', leads, '3.3.25', '3.7.1', [
  ...['3.4.45', '3.5.33', '3.6.14', '3.7.1'],
]);
test('upgradePath() does not lead down', leads, '3.6.14', '3.5.33', []);
test('upgradePath() leads nowhere from the same version', leads, '3.5.33', '3.5.33', []);
test('upgradePath() leads to no version that is not known', leads, '3.5.33', '3.9.0', []);

test('changesMinor() looks at major and minor only', (t) => {
  t.false(changesMinor('3.5.16', '3.5.33'));
  t.true(changesMinor('3.5.33', '3.6.0'));
});
