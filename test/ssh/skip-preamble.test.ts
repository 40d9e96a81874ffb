import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { AfterMark } from '../../src/ssh/skip-preamble.ts';

const MARK = Buffer.from('<begin>');

async function pass(chunks: readonly string[]) {
  const filter = new AfterMark(MARK);
  const rest = await text(Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(filter));
  return { rest, preamble: filter.preamble, seen: filter.seen };
}

test('AfterMark passes on what follows the mark, however the bytes arrive', async (t) => {
  const whole = 'motd\n<begin>out<begin>put\n';
  const expected = { rest: 'out<begin>put\n', preamble: 'motd\n', seen: true };
  for (let cut = 0; cut <= whole.length; cut++) {
    t.deepEqual(await pass([whole.slice(0, cut), whole.slice(cut)]), expected);
  }
  t.deepEqual(await pass([...whole]), expected);
});

test('AfterMark keeps what was said when the mark never comes', async (t) => {
  t.deepEqual(await pass(['This account is ', 'not available.\n']), {
    rest: '',
    preamble: 'This account is not available.\n',
    seen: false,
  });
});

test('AfterMark finds the mark behind more preamble than it keeps', async (t) => {
  const chunk = `${'x'.repeat(9_999)}\n`;
  const { rest, preamble, seen } = await pass([...Array(100).fill(chunk), '<beg', 'in>rest']);
  t.deepEqual({ rest, seen, kept: preamble.length }, { rest: 'rest', seen: true, kept: 4096 });
});
