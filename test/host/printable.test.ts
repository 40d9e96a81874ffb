import test from 'ava';
import { lastWords, printable } from '../../src/host/printable.ts';

const cleaned = test.macro((t, text: string, expected: string) => t.is(printable(text), expected));

test(
  'printable() keeps words, newlines and tabs',
  cleaned,
  'a\tb\nü 漢字 🙂\n',
  'a\tb\nü 漢字 🙂\n',
);
test('printable() drops colours', cleaned, '\u001b[1;31mred\u001b[0m', 'red');
test('printable() drops a window title and its text', cleaned, '\u001b]0;rm -rf\u0007ok', 'ok');
test('printable() drops a clipboard write', cleaned, '\u001b]52;c;aGk=\u001b\\ok', 'ok');
test('printable() drops a control string nobody ended', cleaned, 'ok\u001bPevil', 'ok');
test('printable() drops bells, backspaces and nulls', cleaned, 'a\u0007\u0008\0b', 'ab');
test('printable() drops C1 controls', cleaned, 'a\u009b31mb\u0085', 'a31mb');
test('printable() drops direction overrides', cleaned, 'a\u202etxt.exe\u2066', 'atxt.exe');
test('printable() ends Windows lines as Unix does', cleaned, 'a\r\nb\rc', 'a\nbc');
test('printable() survives a lone escape at the end', cleaned, 'a\u001b', 'a');

test('lastWords() is the last line that says something, 300 characters of it', (t) => {
  t.deepEqual(
    [lastWords('warning\n  reason \n\n'), lastWords(''), lastWords('x'.repeat(999)).length],
    ['reason', '', 300],
  );
});
