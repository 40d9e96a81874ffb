import test from 'ava';
import type { Plan } from '../../src/plan/plan.ts';
import { planSwitch } from '../../src/plan/switching/switch.ts';
import type { SeenFacts } from './facts.ts';
import { listedAs, runningAs, serving, switching } from './switching.ts';

const secure = switching('https');
const plain = switching('http');
const NAMES = ['etcd01', 'etcd02', 'etcd03'];
/** The leader, etcd01, is last. */
const ORDER = ['etcd02', 'etcd03', 'etcd01'];
const KEEP = { finish: false, advertise: false, allowDowntime: false };
const STAYING = { window: 10, accepted: [] };
const https = new Map(NAMES.map((name) => [name, 'https'] as const));
const stage = secure.desired.window(https, serving());
const shown = secure.desired.window(https, serving(['https']));
const left = secure.desired.withPort(2378);

/** What a run leaves that was killed when it had come to so many members. */
function killed(from: typeof stage, to: typeof stage, count: number): SeenFacts {
  return ORDER.reduce((facts, name, at) => {
    const url = secure.desired.target.members.find((one) => one.name === name)?.peerUrl ?? '';
    return listedAs(runningAs(facts, name, at < count ? to : from), name, url);
  }, secure.before);
}

function titles({ waves, refusals }: Plan): readonly string[] {
  return [
    ...refusals.map(({ sentence }) => `refused: ${sentence}`),
    ...waves.map(({ title }) => title),
  ];
}
const each = (title: string, names: readonly string[], rest = '') =>
  names.map((name) => `${title} ${name}${rest}`);

for (const count of [0, 1, 2, 3]) {
  const rest = ORDER.slice(count);

  test(`--advertise that was killed at ${count} of 3 members goes on, stays, is finished, and goes back`, (t) => {
    const facts = killed(stage, shown, count);
    t.deepEqual(
      titles(planSwitch(secure.desired, facts, { ...KEEP, advertise: true })),
      each('advertise https on', rest),
    );
    t.deepEqual(titles(planSwitch(secure.desired, facts, KEEP)), []);
    t.deepEqual(
      titles(planSwitch(secure.desired, facts, { ...KEEP, finish: true })),
      each('end http on', ORDER),
    );
    const back = planSwitch(plain.desired, facts, { ...KEEP, finish: true });
    t.deepEqual(titles(back), [
      ...ORDER.map((name) => `move ${name} to http among members`),
      ...each('end https on', ORDER),
    ]);
  });

  test(`the first part of --finish that was killed at ${count} of 3 members goes on, and closes the port last`, (t) => {
    const facts = killed(shown, left, count);
    t.deepEqual(
      titles(planSwitch(secure.desired, facts, { ...KEEP, finish: true, staying: STAYING })),
      [
        ...each('end http on', rest),
        'see who uses port 2378 alone',
        ...each('close port 2378 on', ORDER),
      ],
    );
    // Without --finish nothing is ended, and nothing that has been is opened again.
    t.deepEqual(titles(planSwitch(secure.desired, facts, KEEP)), []);
  });

  test(`the second part of --finish that was killed at ${count} of 3 members closes the port of the others`, (t) => {
    const facts = killed(left, secure.desired.target, count);
    t.deepEqual(
      titles(planSwitch(secure.desired, facts, { ...KEEP, finish: true })),
      each('close port 2378 on', rest),
    );
  });
}
