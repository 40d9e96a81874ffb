import test from 'ava';
import { askAll } from '../../../src/facts/fact.ts';
import { lackingFact } from '../../../src/facts/host/addresses.ts';
import { localHost } from '../../host/local-host.ts';

test('lackingFact: addresses that nobody here can listen at', async (t) => {
  const asked = ['127.0.0.1', '127.8.0.1', '0.0.0.0', '::', '192.0.2.7', '2001:db8::7'];
  const { found } = await askAll(localHost('here'), { found: lackingFact(asked) });
  t.deepEqual([...found], ['192.0.2.7', '2001:db8::7']);
});

test('lackingFact: asks nothing where there is none', async (t) => {
  const { found } = await askAll(localHost('here'), { found: lackingFact([]) });
  t.deepEqual(found, new Set());
});
