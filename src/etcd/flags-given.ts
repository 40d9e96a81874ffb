import { FLAG_ROWS, type FlagType } from './flags-table.ts';

/** A setting as somebody gave it, by the name of its flag. */
export interface GivenSetting {
  readonly flag: string;
  readonly value: string;
  readonly by: 'flag' | 'variable' | 'file';
  /** Where it stands, where that is known: `/etc/etcd.env:12`. */
  readonly place?: string;
}

/** What a program was given by its arguments. */
export interface Arguments {
  readonly flags: readonly GivenSetting[];
  /** Where reading ended: words behind are nobody's. */
  readonly rest: readonly string[];
}

const TYPES: ReadonlyMap<string, FlagType> = new Map(FLAG_ROWS.map(([name, type]) => [name, type]));

/** The type of a flag of any version; undefined for a name that none has. */
export function typeOf(flag: string): FlagType | undefined {
  return TYPES.get(flag);
}

/** Flags as Go reads them: one dash or two, a value behind `=` or, but for booleans, as the next word; the first other word ends them. */
export function readFlags(args: readonly string[], place?: string): Arguments {
  const flags: GivenSetting[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    const [, flag, value] = /^--?([A-Za-z0-9][\w.-]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (flag === undefined) return { flags, rest: args.slice(word === '--' ? at + 1 : at) };
    const said = (text: string): GivenSetting => ({
      ...{ flag, value: text, by: 'flag' },
      ...(place !== undefined && { place }),
    });
    if (value !== undefined) flags.push(said(value));
    else if (typeOf(flag) === 'boolean') flags.push(said('true'));
    else {
      at += 1;
      flags.push(said(args[at] ?? ''));
    }
  }
  return { flags, rest: [] };
}

/** `ETCD_DATA_DIR` as `data-dir`. */
export function flagOf(variable: string): string {
  return variable
    .replace(/^ETCD_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}

/** The variables that etcd takes for settings; empty ones it takes for absent (pkg/flags SetFlagsFromEnv). */
export function readVariables(environment: ReadonlyMap<string, string>): readonly GivenSetting[] {
  return [...environment].flatMap(([name, value]) =>
    /^ETCD_[A-Z0-9_]+$/.test(name) && value !== ''
      ? [{ flag: flagOf(name), value, by: 'variable' as const }]
      : [],
  );
}
