import test from 'ava';
import { type Line, readLines, sinceLinked } from '../../src/diagnosis/journal.ts';

const refused =
  '{"msg":"prober detected unhealthy status","error":"dial tcp 10.0.0.2:2380: i/o timeout"}';
const linked = '{"msg":"peer became active","peer-id":"4e93880170187555"}';
const texts = (lines: readonly Line[]) => lines.map(({ text }) => text);

for (const [version, word] of [
  ['3.5', linked],
  ['3.7', '{"msg":"established TCP streaming connection with remote peer"}'],
  ['3.3', 'rafthttp: peer 4e93880170187555 became active'],
  ['3.4', 'rafthttp: established a TCP streaming connection with peer 4e93880170187555'],
] as const)
  test(`sinceLinked() passes over what was said before a peer was reached again (${version})`, (t) => {
    const lines = [
      { at: 100, text: refused },
      { at: 101, text: word },
      { at: 102, text: refused },
      { at: 103, text: word },
      { at: 110, text: 'what a prober found before' },
      { at: 120, text: 'what is still said' },
    ];
    t.deepEqual(texts(sinceLinked(lines)), ['what is still said']);
  });

test('sinceLinked() hears everything where the journal does not say that a peer was reached', (t) => {
  const lines = [{ at: 100, text: refused }];
  t.deepEqual(sinceLinked(lines), lines);
});

test('readLines() gives the oldest line first, with its time or that of the message it belongs to', (t) => {
  const lines = readLines([
    '-- Journal begins at Wed 2026-11-25 14:27:26 UTC',
    '1764080189.250000 etcd01 (etcd)[7]: etcd.service: Failed at step EXEC spawning /opt/etcd',
    "1764080188.000000 etcd01 systemd[1]: etcd.service: Failed with result 'exit-code'.",
    '                                      and more of it',
    `1764080187.500000 etcd01 etcd[3613]: ${refused}`,
    '',
  ]);
  t.deepEqual(
    lines.map(({ at }) => at),
    [1764080187.5, 1764080187.5, 1764080188, 1764080188, 1764080189.25],
  );
  t.deepEqual(texts(lines), [
    refused,
    '',
    "etcd.service: Failed with result 'exit-code'.",
    '                                      and more of it',
    'etcd.service: Failed at step EXEC spawning /opt/etcd',
  ]);
});
