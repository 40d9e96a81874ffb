import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { passphraseFrom } from '../../src/run/passphrase.ts';
import { spoken } from '../spoken.ts';

const directory = mkdtempSync(join(tmpdir(), 'provision-passphrase-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const empty = join(directory, 'empty');
writeFileSync(empty, '\n', { mode: 0o600 });
writeFileSync(join(directory, 'open'), 'x', { mode: 0o644 });

const TAKES = '--passphrase-from takes ask, env:NAME, fd:N or file:PATH';

for (const [source, message, next] of [
  [
    'env:PROVISION_NOT_SET',
    'the environment has no variable PROVISION_NOT_SET',
    `export it before the command; or ${TAKES}`,
  ],
  ['env:', 'env: names no variable', `export it before the command; or ${TAKES}`],
  ['secret', 'secret is not a place for a passphrase', TAKES],
  ['fd:99', 'fd:99: no passphrase could be read', TAKES],
  ['fd:x', 'fd:x: no passphrase could be read', TAKES],
  [`file:${directory}/none`, `file:${directory}/none: no passphrase could be read`, TAKES],
  [`file:${empty}`, 'the passphrase for ca.key is empty', TAKES],
  [
    `file:${directory}/open`,
    `${directory}/open: mode 0644 lets others at the keys of the cluster`,
    `chmod go= ${directory}/open`,
  ],
] as const)
  test(`passphraseFrom() says of ${source.replace(directory, 'D')} what it takes`, async (t) => {
    const failure = await t.throwsAsync(passphraseFrom(source, 'ca.key', 'open'));
    t.like(spoken(failure) as object, { message, next });
  });
