import test from 'ava';
import { readEnvironmentFile } from '../../../src/adopt/systemd/environment-file.ts';

const read = (text: string, systemd = 252) =>
  readEnvironmentFile(text, systemd).assignments.map(({ name, value, line }) => [
    name,
    value,
    line,
  ]);

// That systemd says the same is asked of it in test/e2e/cases/adopt-systemd.test.ts.
test('readEnvironmentFile() takes blanks, quotes, comments and lines that go on as systemd does', (t) => {
  const text = `# pg
; semicolons are comments, too
A   =  "http://1"
B="one,\\
two"
C='it"s' 
D=5 # not a comment
E="a" "b"
F=a"b"c
G=a\\
b
H=
`;
  t.deepEqual(read(text), [
    ['A', 'http://1', 3],
    ['B', 'one,two', 4],
    ['C', 'it"s', 6],
    ['D', '5 # not a comment', 7],
    ['E', 'ab', 8],
    ['F', 'a"b"c', 9],
    ['G', 'ab', 10],
    ['H', '', 12],
  ]);
});

test('readEnvironmentFile() goes on with a comment behind a backslash up to systemd 253', (t) => {
  const text = '# A=1 \\\nB=2\nC=3\n';
  t.deepEqual(read(text, 253), [['C', '3', 3]]);
  t.deepEqual(read(text, 254), [
    ['B', '2', 2],
    ['C', '3', 3],
  ]);
});

test('readEnvironmentFile() drops what is no name, and says where it stands', (t) => {
  const { assignments, dropped } = readEnvironmentFile('export A=1\nB=2\n', 252);
  t.deepEqual(assignments, [{ name: 'B', value: '2', line: 2 }]);
  t.deepEqual(dropped, [{ name: 'export A', value: '1', line: 1 }]);
});
