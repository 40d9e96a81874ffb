import { readConfigFile } from './config-file.ts';
import { availabilityOf } from './flags.ts';
import { flagOf, type GivenSetting, readFlags, readVariables, typeOf } from './flags-given.ts';
import { whyBadValue } from './flags-values.ts';
import { configFileOf, isTrue, variableOf } from './given-settings.ts';

/** What an etcd was given at its start, as far as it counts. */
export interface Effective {
  /** By flag: what counts. */
  readonly settings: ReadonlyMap<string, GivenSetting>;
  /** What does not count, and why. */
  readonly dead: readonly DeadSetting[];
  /** Why a start by these would end at once, each with its place. */
  readonly fatal: readonly { readonly message: string; readonly place: string | undefined }[];
}

export interface DeadSetting {
  /** As it is written: `ETCD_ENABLE_V2`, `--proxy`, `peer-transport-security.peer-cert-file`. */
  readonly name: string;
  readonly value: string | undefined;
  readonly place: string | undefined;
  readonly why:
    | 'unknown'
    | 'beside a file'
    | 'for etcdctl'
    | 'behind a flag'
    | 'ignored key'
    | 'no flag';
}

/** What a start was made of. */
export interface Start {
  readonly args: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  /** Where each variable stands, by its name. */
  readonly places?: ReadonlyMap<string, string>;
  readonly argsPlace?: string;
  /** The file that `config-file` names, where it could be read. */
  readonly configText?: string | undefined;
}

/** The settings that count: those of the YAML file alone where there is one, else flags over variables. */
export function effectiveSettings(start: Start, version: string): Effective {
  const { flags, rest } = readFlags(start.args, start.argsPlace);
  const variables = readVariables(start.environment).map((one): GivenSetting => {
    const place = start.places?.get(variableOf(one.flag));
    return place === undefined ? one : { ...one, place };
  });
  const words = rest.map((word) => dead({ name: word, why: 'no flag' }));
  const forTool = [...start.environment].flatMap(([name, value]) =>
    name.startsWith('ETCDCTL_')
      ? [dead({ name, value, place: start.places?.get(name), why: 'for etcdctl' })]
      : [],
  );
  const file = configFileOf(start);
  if (file !== undefined) {
    const read = readConfigFile(start.configText ?? '', file, version);
    const beside = [...flags, ...variables].filter(({ flag }) => flag !== 'config-file');
    return {
      settings: new Map([...named(flags, variables, 'config-file'), ...byFlag(read.settings)]),
      dead: [
        ...read.ignored.map(({ key, place }) => dead({ name: key, place, why: 'ignored key' })),
        ...beside.map((one) => asDead(one, 'beside a file')),
        ...words,
        ...forTool,
      ],
      fatal: read.mistakes,
    };
  }
  const isKnown = ({ flag }: GivenSetting) => availabilityOf(flag, version).kind === 'available';
  const counting = byFlag(flags);
  const shadowed = variables.filter(({ flag }) => counting.has(flag));
  const fromVariables = variables.filter((one) => isKnown(one) && !counting.has(one.flag));
  return {
    settings: new Map([...byFlag(fromVariables), ...counting]),
    dead: [
      ...variables.filter((one) => !isKnown(one)).map((one) => asDead(one, 'unknown')),
      ...shadowed.filter(isKnown).map((one) => asDead(one, 'behind a flag')),
      ...words,
      ...forTool,
    ],
    fatal: flags.flatMap((one) => {
      const { type } = { type: undefined, ...availabilityOf(one.flag, version) };
      const why =
        type === undefined
          ? `etcd ${version} does not know it`
          : one.value === '' || type === 'boolean'
            ? undefined
            : whyBadValue(type, canonicalValue(one.flag, one.value));
      return why === undefined
        ? []
        : [{ message: `--${one.flag} ${one.value}: ${why}`, place: one.place }];
    }),
  };
}

/** A value in the one form that our inventories have: booleans as Go reads them, URLs and lists without blanks. */
export function canonicalValue(flag: string, value: string): string {
  const type = typeOf(flag);
  if (type === 'boolean') return isTrue(value) ? 'true' : 'false';
  if (type === 'urls' || type === 'list') return value.replaceAll(/\s*,\s*/g, ',').trim();
  return value.trim();
}

function byFlag(given: readonly GivenSetting[]): ReadonlyMap<string, GivenSetting> {
  return new Map(given.map((one) => [one.flag, one]));
}

function named(
  flags: readonly GivenSetting[],
  variables: readonly GivenSetting[],
  flag: string,
): readonly (readonly [string, GivenSetting])[] {
  const found = [...variables, ...flags].findLast((one) => one.flag === flag);
  return found === undefined ? [] : [[flag, found]];
}

function asDead(one: GivenSetting, why: DeadSetting['why']): DeadSetting {
  const name = one.by === 'variable' ? variableOf(one.flag) : `--${one.flag}`;
  return dead({ name, value: one.value, place: one.place, why });
}

function dead(
  one: Pick<DeadSetting, 'name' | 'why'> & Partial<Pick<DeadSetting, 'value' | 'place'>>,
): DeadSetting {
  return { value: undefined, place: undefined, ...one };
}

/** The name of a variable's flag where the version does not know it but another one does. */
export function isOfAnotherVersion(name: string): boolean {
  return typeOf(flagOf(name)) !== undefined;
}
