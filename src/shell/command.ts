declare const made: unique symbol;

/** A POSIX shell command whose every interpolated value was quoted. Only `sh` makes one. */
export interface Command {
  readonly text: string;
  readonly [made]: true;
}

/** What may stand in a command: a list becomes several words, a Command is taken as it is. */
export type Argument = string | number | Command | readonly (string | number)[];

/** The shell command written in the template: literals are trusted, values are quoted. Secrets travel on stdin, never here. */
export function sh(literals: TemplateStringsArray, ...values: readonly Argument[]): Command {
  const text = String.raw({ raw: literals }, ...values.map(word));
  return { text } as Command;
}

/** The commands one after another, each on a line of its own. */
export function lines(commands: readonly Command[]): Command {
  return { text: commands.map((command) => command.text).join('\n') } as Command;
}

/** The value as one word of a POSIX shell. */
export function quote(value: string | number): string {
  const text = String(value);
  // Every character outside this set can mean something to some shell; quoting too much costs nothing.
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function word(value: Argument): string {
  if (typeof value === 'string' || typeof value === 'number') return quote(value);
  return 'text' in value ? value.text : value.map(quote).join(' ');
}
