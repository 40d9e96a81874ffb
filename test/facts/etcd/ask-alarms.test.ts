import { createServer } from 'node:http';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { askAlarms } from '../../../src/facts/etcd/ask-alarms.ts';
import { scratch } from '../../pki/workshop.ts';
import { wanted } from '../../plan/facts.ts';
import { listening } from '../listening.ts';

/** What etcd 3.5.30 and 3.6.14 answer, by what is raised. */
function health(raised: readonly string[]) {
  return createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://etcd');
    const [told] = raised.filter((kind) => kind !== url.searchParams.get('exclude'));
    const reason = told === undefined ? '' : `ALARM ${told}`;
    if (told !== undefined) response.statusCode = 503;
    response.end(JSON.stringify({ health: told === undefined ? 'true' : 'false', reason }));
  });
}

const asks = test.macro(async (t: ExecutionContext, raised: string[], heard: string[]) => {
  const { dial } = await listening(t, health(raised));
  const [member] = wanted().members;
  if (member === undefined) return t.fail();
  const store = join(await scratch(t), 'none.pki');
  const host = { name: 'etcd01', dial, run: () => t.fail(), close: () => t.fail() };
  t.deepEqual(await askAlarms(host as never, member, store), heard);
});

test('askAlarms() of a member without any', asks, [], []);
test('askAlarms() of corruption', asks, ['CORRUPT'], ['CORRUPT']);
test('askAlarms() of a full one', asks, ['NOSPACE'], ['NOSPACE']);
test(
  'askAlarms() looks behind a full one for corruption',
  asks,
  ['NOSPACE', 'CORRUPT'],
  ['NOSPACE', 'CORRUPT'],
);
