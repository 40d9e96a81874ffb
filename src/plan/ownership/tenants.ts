import { readHeader } from '../../desired/header.ts';
import type { FileHeader } from '../../desired/templates.ts';
import { mountsIn } from '../../desired/unit-mounts.ts';
import { flagsAmong, givenSettings, plainPlace, variableOf } from '../../etcd/given-settings.ts';
import {
  type EtcdProcessFact,
  type TenantsFact,
  type TextFact,
  unitOf,
} from '../../facts/host/tenants.ts';
import { groupedBy } from '../../problem/grouped.ts';

/** Something that runs etcd on a host or would at its next start: a unit, or a process of no unit. */
export interface Tenant {
  /** With its ending; undefined for a process of no unit. */
  readonly unit: string | undefined;
  /** Cluster and member by the first line of its unit file, else by that of its configuration. */
  readonly header: FileHeader | undefined;
  /** 0 when it does not run. */
  readonly pid: number;
  /** The program that runs, links resolved. */
  readonly executable: string | undefined;
  readonly confFiles: readonly string[];
  /** What its configuration says, and beside it what its process was started with: one may have changed. */
  readonly settings: readonly ReadonlyMap<string, string>[];
  /** By the log in its data directory. */
  readonly clusterId: string | undefined;
}

/** Everybody who runs etcd on a host, or would. */
export function tenantsOf(facts: TenantsFact): readonly Tenant[] {
  const units = groupedBy(facts.unitFiles, ({ path }) => unitOf(path));
  const ofUnits = [...units].flatMap(([unit, files]) => {
    const process = facts.processes.find((one) => one.unit === unit);
    const written = writtenSettings(files, facts.confs);
    const runsEtcd = files.some(({ text }) => /^ExecStart=.*\/etcd(\s|$)/m.test(text));
    if (process === undefined && !runsEtcd && !written.has('ETCD_DATA_DIR')) return [];
    return [tenant(unit, files, process, facts)];
  });
  const withoutUnit = facts.processes.filter(({ unit }) => unit === undefined || !units.has(unit));
  return [...ofUnits, ...withoutUnit.map((process) => tenant(process.unit, [], process, facts))];
}

function tenant(
  unit: string | undefined,
  files: readonly TextFact[],
  process: EtcdProcessFact | undefined,
  { confs, logs }: TenantsFact,
): Tenant {
  const confFiles = confFilesOf(files);
  const settings = [
    ...(files.length > 0 ? [writtenSettings(files, confs)] : []),
    ...(process === undefined ? [] : [givenSettings(process)]),
  ];
  const unitFile = files.find(({ path }) => !path.includes('.service.d/'));
  const conf = confs.find(({ path }) => confFiles.includes(path));
  const log = settings
    .flatMap((one) => [one.get('ETCD_WAL_DIR') ?? '', one.get('ETCD_DATA_DIR') ?? ''])
    .map((directory) => logs.get(directory))
    .find((found) => found !== undefined);
  return {
    unit,
    header: readHeader(unitFile?.text) ?? readHeader(conf?.text),
    pid: process?.pid ?? 0,
    executable: process?.executable,
    confFiles,
    settings,
    clusterId: log?.clusterId,
  };
}

/** Values that a tenant's configuration or process gives a variable, each once. */
export function valuesOf({ settings }: Tenant, name: string): readonly string[] {
  const values = settings.flatMap((one) => one.get(name) ?? []);
  return [...new Set(values.map((value) => plainPlace(name, value)))];
}

function confFilesOf(files: readonly TextFact[]): readonly string[] {
  const named = files.flatMap(({ text }) => [
    ...matches(text, /^EnvironmentFile=-?(\S+)/gm),
    ...matches(text, /^Exec.*--config-file[= ](\S+)/gm),
  ]);
  return [...new Set(named)];
}

function writtenSettings(
  files: readonly TextFact[],
  confs: readonly TextFact[],
): ReadonlyMap<string, string> {
  const named = confFilesOf(files);
  const commands = files.flatMap(({ text }) =>
    matches(text.replaceAll(/\\\n/g, ' '), /^ExecStart=(.+)$/gm),
  );
  const inline = files.flatMap(({ text }) => matches(text, /^Environment=(.+)$/gm));
  const mounts = files.flatMap(({ text }) => mountsIn(text).slice(0, 1));
  return new Map([
    // Where the configuration was lost, a unit of ours still says where its data is.
    ...mounts.slice(0, 1).map((path) => ['ETCD_DATA_DIR', path] as const),
    ...confs.filter(({ path }) => named.includes(path)).flatMap(({ text }) => variables(text)),
    ...inline.flatMap((line) => variables(line.replaceAll(/"?\s+"?(?=ETCD_)/g, '\n'))),
    ...commands.flatMap((command) => flagsAmong(command.replaceAll(/["']/g, '').split(/\s+/))),
  ]);
}

/** `ETCD_DATA_DIR="/x"` of an environment file, `data-dir: /x` of a YAML file. */
function variables(text: string): readonly (readonly [string, string])[] {
  return text.split('\n').flatMap((line) => {
    const [, variable, value = ''] =
      /^\s*"?(?:export +)?(ETCD_[A-Z0-9_]+)=["']?([^"']*)["']?\s*$/.exec(line) ?? [];
    if (variable !== undefined) return [[variable, value] as const];
    const [, key, plain = ''] = /^\s*([a-z-]+): *["']?([^"']*)["']?\s*$/.exec(line) ?? [];
    return key === undefined ? [] : [[variableOf(key), plain] as const];
  });
}

function matches(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].flatMap(([, first]) => first ?? []);
}
