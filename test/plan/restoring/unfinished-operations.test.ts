import test from 'ava';
import { trustBundle } from '../../../src/pki/ca/trust.ts';
import { unfinishedOperations } from '../../../src/plan/restoring/unfinished-operations.ts';
import { nextText } from '../../../src/problem/render.ts';
import { but, inDays, type SeenFacts, settled, sha256, wanted } from '../facts.ts';

const three = wanted();
const matching = settled(three);
const { ca } = matching.store;
if (ca === undefined) throw new TypeError('the store has no CA');
const other = { ...ca, pem: 'another CA\n', fact: { ...ca.fact, serial: 'ABCDEF0123456789' } };
const NONE = { next: undefined, previous: undefined, retired: [] };

const tells = test.macro((t, facts: SeenFacts, ...expected: readonly string[]) => {
  t.deepEqual(
    unfinishedOperations(three, facts).flatMap(({ sentence, next }) => [
      sentence,
      nextText(next, 'I'),
    ]),
    expected,
  );
});
const ROTATE = 'provision certs rotate-ca I';
const ENDS = `ends by itself on ${ca.fact.notAfter.toISOString().slice(0, 10)}`;

test('nothing is begun', tells, matching);

test(
  'a new CA that does not sign yet',
  tells,
  { ...matching, rotation: { ...NONE, next: other } },
  `CA rotation: unfinished, the new CA does not sign yet; the old CA (serial ${ca.fact.serial.slice(0, 8).toLowerCase()}) ${ENDS}`,
  `go on: ${ROTATE}; or go back: ${ROTATE} --abort`,
);

test(
  'a run that was killed while it tried a leaf of the new CA',
  tells,
  but({ ...matching, rotation: { ...NONE, next: other } }, 'etcd02', ({ pki }) => {
    const file = pki.files.get('server.crt');
    if (file === undefined) throw new TypeError('a member has a certificate');
    const files = new Map(pki.files).set('server.crt', { ...file, sha256: sha256('tried') });
    return { pki: { ...pki, files } };
  }),
  `CA rotation: unfinished, the new CA does not sign yet; the old CA (serial ${ca.fact.serial.slice(0, 8).toLowerCase()}) ${ENDS}; etcd02 shows another certificate than the store has: clients that do not trust the new CA may be refused there until it goes on, or back`,
  `go on: ${ROTATE}; or go back: ${ROTATE} --abort`,
);

test(
  'both CAs trusted',
  tells,
  {
    ...matching,
    rotation: { ...NONE, previous: other, record: { since: inDays(-3).toISOString() } },
  },
  `CA rotation: unfinished, both CAs are trusted and the new one signs since 2026-11-18T12:00Z (3 days); the old CA (serial abcdef01) ${ENDS}`,
  `see which clients have followed: ${ROTATE}; when all have: ${ROTATE} --finish; or go back: ${ROTATE} --abort`,
);

test(
  'trust in the old CA being ended',
  tells,
  {
    ...matching,
    rotation: {
      ...{ ...NONE, previous: other },
      record: { consent: { at: '2026-11-21T11:00:00Z', by: 'me@here' } },
    },
  },
  'CA rotation: unfinished, trust in the old CA is being ended, as me@here agreed at 2026-11-21T11:00Z; both CAs are known',
  `${ROTATE} --finish; or go back: ${ROTATE} --abort`,
);

test(
  'the old CA given up, and a member that has not read that',
  tells,
  {
    ...but(matching, 'etcd02', ({ pki }) => ({
      pki: {
        ...pki,
        files: new Map([
          ...pki.files,
          [
            'ca.crt',
            {
              ...{ mode: 0o644, owner: 'root:root', modifiedAt: 0 },
              sha256: sha256(trustBundle([ca, other])),
            },
          ],
        ]),
      },
    })),
    rotation: {
      ...{ ...NONE, retired: [other] },
      record: { consent: { at: '2026-11-21T11:00:00Z', by: 'me@here' } },
    },
  },
  'CA rotation: unfinished, the store has given the old CA up, and etcd02 still trusts it',
  `finish it: ${ROTATE} --finish`,
);

test(
  'an end that nobody has proved',
  tells,
  {
    ...matching,
    rotation: { ...NONE, retired: [other], record: { ended: '2026-11-21T11:00:00Z' } },
  },
  'CA rotation: unfinished, members trust the new CA alone, and nobody has seen yet that they refuse the old one',
  `finish it: ${ROTATE} --finish`,
);

test('a new CA that was given up before it signed is over', tells, {
  ...matching,
  rotation: {
    ...{ ...NONE, retired: [other] },
    record: {
      ...{ back: true, consent: { at: '2026-11-21T11:00:00Z', by: 'nobody used it' } },
      ended: '2026-11-21T11:00:00Z',
    },
  },
});

test(
  'a new CA of the peers beside it',
  tells,
  { ...matching, peerRotation: { ...NONE, next: other } },
  'change of the CA of the peers: unfinished, the new CA does not sign yet',
  `finish it: ${ROTATE} ${matching.store.peerCa === undefined ? '--split' : '--peer'}`,
);

test('over http no CA counts', (t) => {
  const plain = wanted(3, { protocol: 'http' });
  const facts = { ...matching, rotation: { ...NONE, next: other } };
  t.deepEqual(unfinishedOperations(plain, facts), []);
});
