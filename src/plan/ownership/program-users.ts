import type { TenantsFact } from '../../facts/host/tenants.ts';
import { nameIn, within } from '../path.ts';
import type { Tenant } from './tenants.ts';

/** Paths of the programs that a unit starts and its process runs, the links of `bin` resolved. */
export function programsOf(
  { unit, executable }: Tenant,
  facts: TenantsFact,
  bin: string,
): readonly string[] {
  const named = usersIn(facts).flatMap(({ who, text }) =>
    who === unit ? (text.match(/\/[A-Za-z0-9._/-]+/g) ?? []) : [],
  );
  const paths = [...named.filter((path) => path.startsWith(`${bin}/`)), executable ?? ''];
  return [
    ...new Set(paths.filter((path) => path !== '').map((path) => resolved(path, facts, bin))),
  ];
}

/** Who names a directory or link of the programs, as units and scripts are called; `except` is not asked. */
export function usersOf(
  path: string,
  facts: TenantsFact,
  bin: string,
  except: (who: string) => boolean,
): readonly string[] {
  const real = [...facts.real].reduce(
    (one, [from, to]) => (within(one, from) ? `${to}${one.slice(from.length)}` : one),
    path,
  );
  const ofText = usersIn(facts).flatMap(({ who, text }) => {
    const paths = (text.match(/\/[A-Za-z0-9._/-]+/g) ?? []).flatMap((one) => [
      one,
      resolved(one, facts, bin),
    ]);
    return paths.some((one) => within(one, path)) ? [who] : [];
  });
  const ofProcesses = facts.processes.flatMap(({ pid, unit, executable }) =>
    within(executable.replace(/ \(deleted\)$/, ''), path) || within(executable, real)
      ? [unit ?? `process ${pid}`]
      : [],
  );
  return [...new Set([...ofText, ...ofProcesses])].filter((who) => !except(who));
}

interface User {
  readonly who: string;
  readonly text: string;
}

function usersIn({ unitFiles, loaded, processes, scripts }: TenantsFact): readonly User[] {
  return [
    ...unitFiles.map(({ path, text }) => ({ who: unitOf(path), text: commandsOf(text) })),
    ...loaded.map((text) => ({
      who: /^Id=(.*)$/m.exec(text)?.[1] ?? '',
      text: commandsOf(text),
    })),
    ...processes.map(({ unit, pid, args }) => ({
      who: unit ?? `process ${pid}`,
      text: args.join('\n'),
    })),
    ...scripts.map(({ path, text }) => ({ who: path, text })),
  ];
}

function commandsOf(text: string): string {
  return text
    .split('\n')
    .filter((line) => /^\s*(Exec|Environment=)/.test(line))
    .join('\n');
}

function unitOf(path: string): string {
  const file = path.includes('.service.d/') ? path.slice(0, path.lastIndexOf('.d/')) : path;
  return nameIn(file);
}

function resolved(path: string, { links }: TenantsFact, bin: string): string {
  if (!path.startsWith(`${bin}/`)) return path;
  const [name = '', ...rest] = path.slice(bin.length + 1).split('/');
  const target = links.get(name);
  if (target === undefined) return path;
  const directory = target.startsWith('/') ? target : `${bin}/${target}`;
  return [directory, ...rest].join('/');
}
