import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readIfThere, refuseStrange } from '../../src/durable/durable-file.ts';
import type { Failure } from '../../src/failure/failure.ts';
import { nextText } from '../../src/problem/render.ts';

const directory = mkdtempSync(join(tmpdir(), 'provision-durable-'));
test.after.always(() => rmSync(directory, { recursive: true }));
const at = (name: string) => join(directory, name);

test('readIfThere: reads a file, one behind a link, and nothing where there is none', async (t) => {
  writeFileSync(at('file'), 'text\n');
  symlinkSync(at('file'), at('link'));
  symlinkSync('/dev/null', at('null'));
  t.deepEqual(
    await Promise.all(
      ['file', 'link', 'null', 'none', 'none/at/all'].map((one) => readIfThere(at(one))),
    ),
    ['text\n', 'text\n', '', undefined, undefined],
  );
});

for (const [name, is, make] of [
  ['directory', 'is a directory', (path: string) => mkdirSync(path)],
  ['pipe', 'is a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ['device', 'is a device', (path: string) => symlinkSync('/dev/zero', path)],
] as const)
  test(`readIfThere, refuseStrange: name a ${name} that stands in the place of a file`, async (t) => {
    const path = at(name);
    make(path);
    for (const ask of [readIfThere, refuseStrange]) {
      const { message, next = [] } = await t.throwsAsync<Failure>(ask(path));
      t.deepEqual(
        [message, nextText(next, 'prod.yaml')],
        [
          `${path}: ${is}; it should be a file, or missing`,
          `see what it is: ls -ld ${path}; put back the file that belongs there, or, if there never was one: mv ${path} ${path}.found; then run the same command again`,
        ],
      );
    }
  });

test('readIfThere: takes a link to nothing for a disk that is not mounted, not for a missing file', async (t) => {
  symlinkSync('/media/usb/ca.key', at('dangling'));
  await t.throwsAsync(readIfThere(at('dangling')), {
    message: `${at('dangling')}: is a link to /media/usb/ca.key, which is not there`,
  });
});
