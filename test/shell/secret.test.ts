import { inspect } from 'node:util';
import test from 'ava';
import { Secret } from '../../src/shell/secret.ts';

test('Secret prints as [secret] everywhere but in reveal()', (t) => {
  const secret = new Secret('marker-4711');
  const shown = [
    String(secret),
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9 }),
    `${secret}`,
  ];
  t.false(shown.some((text) => text.includes('marker-4711')));
  t.is(secret.reveal(), 'marker-4711');
});
