import type { Start } from '../../etcd/effective-settings.ts';
import type { HostLook, SeenUnit } from '../look/host-look.ts';
import { commandLine } from './command-line.ts';
import { readEnvironmentFile } from './environment-file.ts';
import { unwrapped } from './shell-wrapper.ts';
import { type Specifiers, withSpecifiers } from './specifiers.ts';
import { type Directive, directivesOf } from './unit-file.ts';
import { unitWords } from './words.ts';

/** What the files of a unit would start. */
export interface WrittenStart extends Start {
  readonly program: string;
  /** The program of the unit where that is a shell that runs another one. */
  readonly wrapper: string | undefined;
  /** Files of variables that are missing, though the unit needs them. */
  readonly missing: readonly string[];
  /** Lines of variables that systemd drops. */
  readonly dropped: readonly { readonly name: string; readonly place: string }[];
  readonly directives: readonly Directive[];
}

type Host = Pick<HostLook, 'hostName' | 'machineId' | 'systemd' | 'files'>;

/** What systemd would start a unit with, from its files; undefined where it starts nothing. */
export function writtenStart(unit: SeenUnit, host: Host): WrittenStart | undefined {
  const texts = unit.files.flatMap((path) => {
    const text = host.files.get(path)?.text;
    return text === undefined ? [] : [{ path, text }];
  });
  const directives = directivesOf(texts);
  const of = (key: string) =>
    directives.filter((one) => one.section === 'Service' && one.key === key);
  const command = of('ExecStart')[0];
  if (command === undefined) return undefined;
  const fragment = unit.properties.get('FragmentPath') ?? '';
  const { hostName, machineId } = host;
  const specifiers: Specifiers = { unit: unit.name, hostName, machineId, fragment };

  const variables = new Map<string, string>();
  const places = new Map<string, string>();
  const set = (name: string, value: string, place: string) => {
    variables.set(name, value);
    places.set(name, place);
  };
  for (const { value, file, line } of of('Environment')) {
    for (const word of unitWords(value)) {
      const [, name, text] =
        /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(withSpecifiers(word, specifiers)) ?? [];
      if (name !== undefined) set(name, text ?? '', `${file}:${line}`);
    }
  }
  const missing: string[] = [];
  const dropped: { name: string; place: string }[] = [];
  for (const { path, mayMiss } of environmentFiles(unit, host)) {
    const text = host.files.get(path)?.text;
    if (text === undefined) {
      if (!mayMiss) missing.push(path);
      continue;
    }
    const read = readEnvironmentFile(text, host.systemd);
    for (const { name, value, line } of read.assignments) set(name, value, `${path}:${line}`);
    dropped.push(...read.dropped.map(({ name, line }) => ({ name, place: `${path}:${line}` })));
  }

  const words = commandLine(withSpecifiers(command.value, specifiers), variables);
  const inner = unwrapped(words);
  const [program = '', ...args] = inner?.words ?? words;
  const wrapper = inner === undefined ? undefined : words[0];
  const argsPlace = `${command.file}:${command.line}`;
  const start = { program, wrapper, args, argsPlace, environment: variables, places };
  return { ...start, missing, dropped, directives };
}

/** The files in order; a pattern is each file of that name which was there. */
function environmentFiles({ environmentFiles: named }: SeenUnit, { files }: Host) {
  return named.flatMap(({ path, mayMiss }) => {
    if (!/[*?[]/.test(path)) return [{ path, mayMiss }];
    const pattern = new RegExp(
      `^${path
        .replaceAll(/[.+^${}()|\\]/g, '\\$&')
        .replaceAll('*', '[^/]*')
        .replaceAll('?', '[^/]')}$`,
    );
    return [...files.keys()]
      .filter((one) => pattern.test(one))
      .sort()
      .map((one) => ({ path: one, mayMiss }));
  });
}
