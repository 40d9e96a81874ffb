import { readConfigFile } from './config-file.ts';
import { type GivenSetting, readFlags } from './flags-given.ts';

/** What a process was started with. */
export interface GivenStart {
  readonly environment: ReadonlyMap<string, string>;
  readonly args: readonly string[];
}

/** The YAML file that a process names, as it is now, and the version that reads it. */
export interface GivenFile {
  readonly text: string;
  readonly version: string;
}

/**
 * The variables that say what an etcd runs with: its YAML file alone where it names one (embed/etcdmain/config.go), else its
 * flags before its environment (pkg/flags/flag.go). Where nobody knows what is in that file, all that stands beside it.
 */
export function givenSettings(start: GivenStart, file?: GivenFile): ReadonlyMap<string, string> {
  const path = configFileOf(start);
  const { flags } = readFlags(start.args);
  if (path === undefined || file === undefined)
    return new Map([...start.environment, ...flags.map(asVariable)]);
  const { settings } = readConfigFile(file.text, path, file.version);
  return new Map([['ETCD_CONFIG_FILE', path], ...settings.map(asVariable)]);
}

/** The YAML file of a start; undefined where it has none. */
export function configFileOf({ args, environment }: GivenStart): string | undefined {
  const { flags } = readFlags(args);
  const given = flags.findLast(({ flag }) => flag === 'config-file')?.value;
  return given || environment.get('ETCD_CONFIG_FILE') || undefined;
}

/** What words of a command line set, wherever flags stand among them, by the names of the variables that say the same. */
export function flagsAmong(words: readonly string[]): readonly (readonly [string, string])[] {
  const { flags, rest } = readFlags(words);
  return [...flags.map(asVariable), ...(rest.length === 0 ? [] : flagsAmong(rest.slice(1)))];
}

function asVariable({ flag, value }: GivenSetting): readonly [string, string] {
  return [variableOf(flag), value];
}

/** The environment variable that etcd reads for a flag (etcd pkg/flags/flag.go FlagToEnv). */
export function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** Whether etcd takes a value for true (Go's strconv.ParseBool). */
export function isTrue(value: string | undefined): boolean {
  return /^(1|t|T|true|TRUE|True)$/.test(value ?? '');
}
