import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Failure } from '../../src/failure/failure.ts';
import { evictHolder, lockState } from '../../src/lock/inspect.ts';
import { keep } from '../../src/lock/lock-script.ts';
import { startLockSession } from '../../src/lock/lock-session.ts';
import { nextText } from '../../src/problem/render.ts';
import { sh } from '../../src/shell/command.ts';
import { shelter } from './shelter.ts';

const holder = { id: 'a', who: 'ann@ops1', pid: 1, command: 'up', since: '' };

const STRANGE: Readonly<Record<string, (path: string) => void>> = {
  'a directory': (path) => mkdirSync(path),
  'a link to /nowhere': (path) => symlinkSync('/nowhere', path),
  'a pipe': (path) => {
    execFileSync('mkfifo', [path]);
  },
};

for (const file of ['prod.lock', 'prod.holder', 'prod.ended', 'prod.beat', '.host.lock'])
  for (const [what, make] of Object.entries(STRANGE))
    test(`the lock says what stands in the place of ${file}: ${what}`, async (t) => {
      const { host, directory } = shelter('etcd01');
      const path = join(directory, file);
      make(path);
      const files = () => host.run(sh`ls -lAn --time-style=full-iso ${directory}`);
      const before = (await files()).stdout;
      const refused = {
        name: 'Failure',
        message: `etcd01: ${path} is ${what}, where the lock of prod is kept: nobody can tell whether another run works there`,
      };
      const session = startLockSession(host, 'prod', keep('prod', holder, '{}', 1));
      const failure = await t.throwsAsync<Failure>(session.answer, refused);
      t.is(failure?.reason, 'refused');
      t.deepEqual(
        failure?.next && nextText(failure.next, 'prod.yaml'),
        `see what it is: ls -ld ${path} on etcd01; if nothing there needs it: mv ${path} ${path}.found; then run the same command again`,
      );
      await t.throwsAsync(lockState(host, 'prod'), refused);
      await t.throwsAsync(evictHolder(host, 'prod', 'a'));
      t.is((await files()).stdout, before);
    });

for (const [what, content] of [
  ['empty', ''],
  ['of somebody else', 'x\n'],
] as const)
  test(`a file of the lock that is ${what} is written again, and counts as of this very moment`, async (t) => {
    const { host, directory } = shelter('etcd01');
    for (const file of ['prod.lock', 'prod.holder', 'prod.ended', 'prod.beat'])
      writeFileSync(join(directory, file), content);
    const session = startLockSession(host, 'prod', keep('prod', holder, '{}', 1));
    t.deepEqual(await session.answer, { kind: 'taken', quietFor: 0, cut: undefined });
    await session.end('e');
    t.deepEqual(await lockState(host, 'prod'), {
      ...{ held: false, holder: undefined, strangers: [], silentFor: undefined },
    });
  });
