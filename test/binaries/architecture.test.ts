import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { architectureOfElf, architectureOfMachine } from '../../src/binaries/architecture.ts';
import { elfHeader } from './sample.ts';

test('architectureOfMachine() puts the words of uname into those of the release', (t) => {
  t.deepEqual(['x86_64', 'aarch64', 'ppc64le', 's390x', 'armv7l'].map(architectureOfMachine), [
    'amd64',
    'arm64',
    'ppc64le',
    's390x',
    undefined,
  ]);
});

test('architectureOfElf() agrees with uname about a real program', (t) => {
  const machine = execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim();
  t.is(
    architectureOfElf(readFileSync(process.execPath).subarray(0, 20)),
    architectureOfMachine(machine),
  );
});

const reads = test.macro({
  title: (_, what: string) => `architectureOfElf() reads ${what}`,
  exec: (t, _what: string, header: Buffer, expected: string | undefined) =>
    t.is(architectureOfElf(header), expected as undefined),
});

const narrow = elfHeader(62);
narrow[4] = 1;
test(reads, 'arm64', elfHeader(183), 'arm64');
test(reads, 'ppc64le', elfHeader(21), 'ppc64le');
test(reads, 'a big-endian s390x', elfHeader(22, false), 's390x');
test(reads, 'big-endian ppc64 as nothing etcd is built for', elfHeader(21, false), undefined);
test(reads, 'a 32-bit program as nothing etcd is built for', narrow, undefined);
test(reads, 'a script as no program', Buffer.from('#!/bin/sh\nexec etcd "$@"\n'), undefined);
test(reads, 'an empty file as no program', Buffer.alloc(0), undefined);
