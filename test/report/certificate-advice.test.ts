import test from 'ava';
import { Failure } from '../../src/failure/failure.ts';
import { remedy } from '../../src/problem/remedy.ts';
import { nextText } from '../../src/problem/render.ts';
import { toMend } from '../../src/report/certificate-advice.ts';

const away = (name: string) =>
  new Failure('unreachable', `${name}: cannot reach port 22`, { next: [remedy`see its sshd`] });
const told = (wrong: readonly string[], unreached: readonly string[]) =>
  nextText(
    toMend(
      wrong.map((holder) => ({ holder })),
      new Map(unreached.map((name) => [name, away(name)])),
    ),
    'prod.yaml',
  );

test('toMend() says of hosts that cannot be reached what helps them, each way once', (t) => {
  t.is(told(['r3'], ['r3']), 'see its sshd');
  t.is(told(['r2', 'r3'], ['r2', 'r3']), 'see its sshd');
});

test('toMend() sends to up where files are wrong, and says what it waits for', (t) => {
  const renews = 'provision certs rotate prod.yaml renews';
  t.is(told(['store', 'r1'], []), `provision up prod.yaml brings files in order; ${renews}`);
  t.is(
    told(['r1', 'r3'], ['r3']),
    `see its sshd; or provision up prod.yaml brings files in order, once r3 can be reached; ${renews}`,
  );
});
