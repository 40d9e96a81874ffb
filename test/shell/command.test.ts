import { execFileSync } from 'node:child_process';
import test from 'ava';
import { quote, sh } from '../../src/shell/command.ts';

const HOSTILE = [
  '',
  ' ',
  '-n',
  '$(id)',
  '`id`',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell's placeholder, not JavaScript's
  '${HOME}',
  "it's",
  '"double"',
  'a\nb',
  'a\\b',
  '*',
  '~',
  '!history',
  ';reboot',
  '&',
  '#x',
  '\t',
  'ü€😀',
];

test('sh`` hands hostile arguments through a real shell unchanged', (t) => {
  const { text } = sh`printf '%s\\0' ${HOSTILE}`;
  const printed = execFileSync('/bin/sh', ['-c', text], { encoding: 'utf8' });
  t.deepEqual(printed.split('\0').slice(0, -1), HOSTILE);
});

test('sh`` takes a nested command as it is, and quotes the values around it', (t) => {
  t.is(sh`${sh`echo ${'a b'}`} | grep ${'c d'}`.text, "echo 'a b' | grep 'c d'");
});

test('quote() leaves plain words readable', (t) => {
  t.is(quote('/var/lib/etcd'), '/var/lib/etcd');
  t.is(quote(2379), '2379');
});
