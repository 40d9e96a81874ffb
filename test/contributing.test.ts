import { readFileSync } from 'node:fs';
import test from 'ava';

const root = new URL('../', import.meta.url);
const guide = readFileSync(new URL('CONTRIBUTING.md', root), 'utf8');

interface Hunk {
  readonly header: string;
  /** Its lines as they stand in the file before, and after. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

test('CONTRIBUTING.md: its diffs apply to the files as they are', (t) => {
  const diffs = diffsOf(guide);
  t.true(diffs.length > 0);
  t.deepEqual(
    diffs.flatMap((diff) => whyNotApplied(diff, read)),
    [],
  );
});

test('contributing.test: a diff of lines that are not there would not pass', (t) => {
  const diff = '--- a/one.ts\n+++ b/one.ts\n@@ -1,2 +1,3 @@\n one\n+new\n two\n';
  t.deepEqual(
    whyNotApplied(diff, () => 'one\ntwo\n'),
    [],
  );
  t.deepEqual(
    whyNotApplied(diff, () => 'one\nother\ntwo\n'),
    ['one.ts: @@ -1,2 +1,3 @@'],
  );
  t.deepEqual(
    whyNotApplied(diff.replace('+1,3', '+1,2'), () => 'one\ntwo\n'),
    ['one.ts: @@ -1,2 +1,2 @@'],
  );
});

function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

function diffsOf(text: string): readonly string[] {
  return [...text.matchAll(/^```diff\n([\s\S]*?)^```$/gm)].map(([, diff = '']) => diff);
}

/** The hunks that a patch tool would refuse: their lines are not there in one piece, or not as many as the header says. */
function whyNotApplied(diff: string, read: (path: string) => string): readonly string[] {
  return diff.split(/^--- .*\n/m).flatMap((section) => {
    const path = /^\+\+\+ b\/(.*)$/m.exec(section)?.[1];
    if (path === undefined) return [];
    const content = `\n${read(path)}`;
    return hunksOf(section)
      .filter(
        ({ header, before, after }) =>
          !header.startsWith(`@@ ${lengths(header, before, after)} @@`) ||
          !content.includes(`\n${before.join('\n')}\n`),
      )
      .map(({ header }) => `${path}: ${header}`);
  });
}

/** `-1,2 +1,3` with the lengths that the lines have. */
function lengths(header: string, before: readonly string[], after: readonly string[]): string {
  const [, from, to] = /^@@ -(\d+),\d+ \+(\d+),\d+/.exec(header) ?? [];
  return `-${from},${before.length} +${to},${after.length}`;
}

function hunksOf(section: string): readonly Hunk[] {
  return section.split(/^(?=@@ )/m).flatMap((text) => {
    if (!text.startsWith('@@ ')) return [];
    const [header = '', ...lines] = text.trimEnd().split('\n');
    const those = (sign: string) =>
      lines.filter((line) => line[0] === sign || line[0] === ' ').map((line) => line.slice(1));
    return [{ header, before: those('-'), after: those('+') }];
  });
}
