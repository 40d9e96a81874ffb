/** The variables that an etcd runs with: what its flags say goes before what its environment does (pkg/flags/flag.go). */
export function givenSettings(
  environment: ReadonlyMap<string, string>,
  args: readonly string[],
): ReadonlyMap<string, string> {
  return new Map([...environment, ...flagsIn(args)]);
}

/** What words of a command line set, by the names of the variables that say the same. */
export function flagsIn(words: readonly string[]): readonly (readonly [string, string])[] {
  return words.flatMap((word, at) => {
    const [, flag, value] = /^--?([a-z][a-z0-9-]+)(?:=(.*))?$/.exec(word) ?? [];
    if (flag === undefined) return [];
    const next = words[at + 1];
    // A flag that stands alone is one that is either so or not.
    const said = value ?? (next === undefined || next.startsWith('-') ? 'true' : next);
    return [[variableOf(flag), said] as const];
  });
}

/** The environment variable that etcd reads for a flag (etcd pkg/flags/flag.go FlagToEnv). */
export function variableOf(flag: string): string {
  return `ETCD_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** Whether etcd takes a value for true (Go's strconv.ParseBool). */
export function isTrue(value: string | undefined): boolean {
  return /^(1|t|T|true|TRUE|True)$/.test(value ?? '');
}
