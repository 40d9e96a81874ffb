import { unitWords } from './words.ts';

type Environment = ReadonlyMap<string, string>;

/** The words that a program is started with by the value of an `ExecStart=` whose specifiers are filled in. */
export function commandLine(value: string, environment: Environment): readonly string[] {
  // `@-:+!` say how it is started (systemd.service(5), "Command lines").
  const [, prefix = '', rest = ''] = /^([@:+!|-]*)([\s\S]*)$/.exec(value) ?? [];
  const [program = '', ...words] = unitWords(rest);
  const args = prefix.includes('@') ? words.slice(1) : words;
  if (prefix.includes(':')) return [program, ...args];
  return [program, ...args.flatMap((word) => expanded(word, environment))];
}

/** `$NAME` as a word of its own becomes the words of its value, `${NAME}` within one its value as it is (replace_env_argv). */
function expanded(word: string, environment: Environment): readonly string[] {
  if (/^\$(?![{$])/.test(word)) return splitValue(environment.get(word.slice(1)) ?? '');
  return [
    word.replaceAll(/\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (all, name?: string) =>
      name === undefined ? all.slice(1) : (environment.get(name) ?? ''),
    ),
  ];
}

/** The words of a variable's value: quotes count, backslashes do not escape as in C. */
function splitValue(value: string): readonly string[] {
  return unitWords(value.replaceAll(/\\([\s\S])/g, (_, one: string) => `\\x${hex(one)}`));
}

function hex(one: string): string {
  return one.charCodeAt(0).toString(16).padStart(2, '0').slice(-2);
}
