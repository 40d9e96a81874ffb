import { createHash } from 'node:crypto';
import { variableOf } from '../etcd/given-settings.ts';
import { SERVICE_DEFAULTS } from '../systemd/service-settings.ts';
import { compileTemplate } from './compile-template.ts';
import { ofProcess, startedWith, type UnitService } from './service.ts';
import { ownership } from './snapshot-owner.ts';

/** Whose file it is; stands in its first line, by which the planner knows its own files. */
export interface FileHeader {
  readonly cluster: string;
  readonly member: string;
}

/** What the unit file depends on; every value a name or a path. */
export interface UnitValues extends FileHeader {
  /** Path of the program. */
  readonly etcd: string;
  readonly confFile: string;
  readonly user: string;
  readonly data: string;
  readonly wal: string;
  /** What is its alone, where it is not in the data. */
  readonly walHome?: string | undefined;
  /** Where a new one is made, where that is another directory. */
  readonly walAbove?: string | undefined;
  /** Directories of log files, apart from the journal. */
  readonly logs: readonly string[];
  /** Path of the token that allows one start without a log. */
  readonly emptyStart: string;
  readonly service: UnitService;
}

/** What the guard of a unit depends on that somebody else made. */
export type GuardValues = FileHeader & Pick<UnitValues, 'data' | 'wal' | 'walHome'>;

/** The shipped templates, one typed function each. */
export interface Templates {
  /** An EnvironmentFile of systemd with each flag as ETCD_FLAG="value", in the order given. */
  etcdConf(settings: ReadonlyMap<string, string>, header: FileHeader): string;
  etcdService(unit: UnitValues): string;
  /** A drop-in for a unit that is not ours. */
  etcdGuard(values: GuardValues): string;
}

/** What the files of scheduled snapshots depend on; every other value a name, a path or a number. */
export interface ScheduleValues extends FileHeader {
  /** Peer URLs of all members; the own one is the first. */
  readonly peers: readonly string[];
  /** Name of etcd's service. */
  readonly unit: string;
  /** Path of the script. */
  readonly script: string;
  /** Where snapshots go. */
  readonly directory: string;
  /** Directory of etcdctl. */
  readonly programs: string;
  /** Where the member serves clients, where its configuration is not ours and does not say so. */
  readonly ownUrl?: string | undefined;
  /** The program that reads snapshot files. */
  readonly tool: string;
  readonly confFile: string;
  readonly pki: string;
  readonly last: number;
  readonly daily: number;
  readonly withinSeconds: number;
}

/** The files of scheduled snapshots. */
export interface ScheduleTemplates {
  script(values: ScheduleValues): string;
  service(values: ScheduleValues): string;
  /** `calendar` as systemd.time(7) has it, in UTC. */
  timer(values: ScheduleValues, calendar: string): string;
}

/** What the files of housekeeping by a timer depend on; every value a name, a path or a number. */
export interface MaintenanceValues extends FileHeader {
  /** Name of etcd's service. */
  readonly unit: string;
  /** Path of the script. */
  readonly script: string;
  /** Directory of etcdctl. */
  readonly programs: string;
  /** The same as for snapshots. */
  readonly ownUrl?: string | undefined;
  readonly data: string;
  readonly confFile: string;
  readonly pki: string;
  /** Bytes a database may have. */
  readonly quota: number;
  /** Where runs of this program lock a host. */
  readonly lockDirectory: string;
}

/** The files of housekeeping by a timer. */
export interface MaintenanceTemplates {
  /** `rule` as awk has it. */
  script(values: MaintenanceValues, rule: string): string;
  service(values: MaintenanceValues): string;
  /** `calendar` as systemd.time(7) has it, in UTC. */
  timer(values: MaintenanceValues, calendar: string): string;
}

/** Loads the templates of housekeeping; they throw an Error for a value that could become more than a value. */
export async function loadMaintenanceTemplates(): Promise<MaintenanceTemplates> {
  const [script, service, timer] = await Promise.all([
    compile('maintain.sh.hbs'),
    compile('maintain.service.hbs'),
    compile('maintain.timer.hbs'),
  ]);
  return {
    script: (values, rule) => {
      if (!/^[\w.()<>=!&|+*/ -]+$/.test(rule)) throw new Error(`no rule: ${JSON.stringify(rule)}`);
      return script({ ...maintained(values), ownUrl: urlWord(values.ownUrl), rule });
    },
    service: (values) => {
      const { programs, data, confFile, pki } = values;
      const privateTmp = !isTemporary([programs, data, confFile, pki, values.script]);
      return service({ ...maintained(values), privateTmp });
    },
    timer: (values, calendar) => timer({ ...maintained(values), calendar: calendarWord(calendar) }),
  };
}

/** Loads the templates of scheduled snapshots; they throw an Error for a value that could become more than a value. */
export async function loadScheduleTemplates(): Promise<ScheduleTemplates> {
  const [script, service, timer] = await Promise.all([
    compile('snapshot.sh.hbs'),
    compile('snapshot.service.hbs'),
    compile('snapshot.timer.hbs'),
  ]);
  return {
    script: (values) =>
      script({ ...plain(values), ownUrl: urlWord(values.ownUrl), ...ownership(values.peers) }),
    service: (values) => service({ ...plain(values), privateTmp: !isTemporary(pathsOf(values)) }),
    timer: (values, calendar) => timer({ ...plain(values), calendar: calendarWord(calendar) }),
  };
}

/** Loads the shipped templates; they throw an Error for a value that could become more than a value. */
export async function loadTemplates(): Promise<Templates> {
  const [etcdConf, etcdService, etcdGuard] = await Promise.all([
    compile('etcd.conf.hbs'),
    compile('etcd.service.hbs'),
    compile('etcd-guard.conf.hbs'),
  ]);
  return {
    etcdConf: (settings, header) =>
      etcdConf({
        ...words(header),
        settings: [...settings].map(([flag, value]) => ({
          variable: word(variableOf(flag)),
          value: environmentValue(value),
        })),
      }),
    etcdService: (unit) => renderUnit(etcdService, unit),
    etcdGuard: ({ walHome, ...values }) =>
      etcdGuard({ ...words(values), walHome: walHome === undefined ? '' : word(walHome) }),
  };
}

function calendarWord(calendar: string): string {
  if (!/^[A-Z][a-z]{2} |^\*-\*-\* /.test(calendar) || !/^[\w*/: -]+ UTC$/.test(calendar))
    throw new Error(`no calendar: ${JSON.stringify(calendar)}`);
  return calendar;
}

function plain({ peers: _, ownUrl: __, ...values }: ScheduleValues): Context {
  return words(values);
}

function maintained({ ownUrl: _, ...values }: MaintenanceValues): Context {
  return words(values);
}

/** A URL between single quotes; none where there is none. */
function urlWord(url = ''): string {
  if (!/^[\w./:@[\]-]*$/.test(url)) throw new Error(`not a plain URL: ${JSON.stringify(url)}`);
  return url;
}

function pathsOf({
  directory,
  programs,
  confFile,
  pki,
  script,
}: ScheduleValues): readonly string[] {
  return [directory, programs, confFile, pki, script];
}

const TEMPORARY = ['/tmp/', '/var/tmp/'];

/** Whether a unit with a /tmp of its own would not see one of the paths. */
function isTemporary(paths: readonly string[]): boolean {
  return paths.some((path) => TEMPORARY.some((one) => `${path}/`.startsWith(one)));
}

// What the process was started with is told from its environment, so the part about the process has a name of its own.
function renderUnit(
  render: (context: Context) => string,
  { logs, service, walHome, walAbove, ...unit }: UnitValues,
): string {
  const paths = [unit.data, unit.wal, unit.etcd, unit.confFile, ...logs];
  // Whether etcd may make a log there, the owner of what is above decides.
  const logHome = walAbove ?? walHome;
  const context = {
    ...words(unit),
    walHome: walHome === undefined ? '' : word(walHome),
    logHome: logHome === undefined ? '' : ` ${word(logHome)}`,
    logs: logs.map((path) => ` -${word(path)}`).join(''),
    privateTmp: !isTemporary(paths),
  };
  const blank = render({ ...context, ...resources(ofProcess(service)), revision: 'none' });
  const process = blank.slice(blank.indexOf('[Service]'));
  const revision = createHash('sha256').update(process).digest('hex').slice(0, 12);
  return render({ ...context, ...resources(service), revision });
}

/** Settings that every unit has by their names, all others as lines. */
function resources(service: UnitService): Context {
  const told = startedWith(service);
  if (!/^[\w.,:;-]*$/.test(told)) throw new Error(`not plain: ${JSON.stringify(told)}`);
  return {
    service: Object.freeze(Object.fromEntries([...service].map(resource))),
    further: [...service]
      .map(resource)
      .filter(([name]) => !SERVICE_DEFAULTS.has(name))
      .map(([name, value]) => ({ name, value })),
    told,
  };
}

function resource([name, value]: readonly [string, string]): readonly [string, string] {
  if (!/^-?[\w.,-]+%?$/.test(value)) throw new Error(`not a plain value: ${JSON.stringify(value)}`);
  return [word(name), value];
}

type Context = Readonly<Record<string, unknown>>;

async function compile(name: string): Promise<(context: Context) => string> {
  const render = await compileTemplate(name);
  return (context) => {
    try {
      return render(bare(context));
    } catch (cause) {
      // What a strict template throws is not a native Error.
      throw new Error(`template ${name}: ${String(cause)}`, { cause });
    }
  };
}

// Without a prototype no template can reach further than what it was given. Handlebars prints the whole context into
// the message about a missing value.
function bare(context: Context): Context {
  const spoken = { [Symbol.toPrimitive]: { value: () => 'its values' } };
  return Object.freeze(Object.assign(Object.create(null, spoken), context));
}

function words<T extends object>(values: T): Context {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, word(value)]));
}

// Unit files expand % and split at blanks; a name or a path of ours never needs either.
function word(value: unknown): string {
  const text = String(value);
  if (!/^[\w./:@-]+$/.test(text)) throw new Error(`not a plain word: ${JSON.stringify(text)}`);
  return text;
}

/** The value in double quotes, as systemd.exec(5) EnvironmentFile= reads it; throws an Error for control characters. */
export function environmentValue(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new Error(`holds control characters: ${JSON.stringify(value)}`);
  return `"${value.replaceAll(/["\\$`]/g, String.raw`\$&`)}"`;
}
