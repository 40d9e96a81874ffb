import { readConfigFile } from './config-file.ts';
import { type GivenSetting, readFlags } from './flags-given.ts';
import { wholePath } from './given-places.ts';

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
    return withPlainPlaces([...start.environment, ...flags.map(asVariable)]);
  const { settings } = readConfigFile(file.text, path, file.version);
  return withPlainPlaces([['ETCD_CONFIG_FILE', path], ...settings.map(asVariable)]);
}

/** Directories as anybody would write them: `/var/lib/etcd/` is `/var/lib/etcd`. */
function withPlainPlaces(
  given: readonly (readonly [string, string])[],
): ReadonlyMap<string, string> {
  return new Map(given.map(([name, value]) => [name, plainPlace(name, value)]));
}

/** The value of a variable, where it is a directory from the root without what is of no use in it. */
export function plainPlace(variable: string, value: string): string {
  const isPlace = variable === 'ETCD_DATA_DIR' || variable === 'ETCD_WAL_DIR';
  return isPlace && value.startsWith('/') ? wholePath(value, '/') : value;
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
