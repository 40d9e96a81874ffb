import test from 'ava';
import { certificateSteps } from '../../../src/plan/certificates/member-certificates.ts';
import { settled, wanted } from '../facts.ts';

const desired = wanted();
const facts = settled(desired);

function stepsFor(key: { readonly mode?: number; readonly owner?: string }) {
  const [member] = desired.members;
  const found = facts.members.get(member?.name ?? '');
  const file = found?.pki.files.get('peer.key');
  if (member === undefined || found === undefined || file === undefined) throw new Error('a key');
  const files = new Map(found.pki.files).set('peer.key', { ...file, ...key });
  const there = { ...found, pki: { ...found.pki, files } };
  return certificateSteps(desired, member, facts, there, { reissued: new Set() });
}

const reason = (steps: ReturnType<typeof stepsFor>) => steps.map(({ because }) => because)[0];

test('certificateSteps() has nothing to do where keys are as they were installed', (t) => {
  t.deepEqual(stepsFor({}), []);
});

for (const [title, key, because] of [
  ['others can read', { mode: 0o640 }, 'peer.key has mode 0640: others can read it'],
  ['another owns', { owner: 'root:root' }, 'peer.key is 0600 root:root: etcd cannot read it'],
  ['nobody can read', { mode: 0 }, 'peer.key is 0000 etcd:etcd: etcd cannot read it'],
] as const)
  test(`certificateSteps() installs a key again that ${title}`, (t) => {
    const steps = stepsFor(key);
    t.is(reason(steps), because);
    t.is(steps[0]?.kind, 'install-certificates');
  });
