import type { ArgumentsCamelCase, Argv, CommandModule, InferredOptionTypes } from 'yargs';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import type { OptionTable } from './option-table.ts';
import { kebab, refuseMeaningless } from './validate-options.ts';

/** What a handler receives: the type follows from its option table. */
export type ArgumentsOf<Table extends OptionTable> = ArgumentsCamelCase<InferredOptionTypes<Table>>;

/** Describes a command; its handler is loaded only when it is called. Names in `usage` become positionals. */
export function command<const Table extends OptionTable>(definition: {
  /** yargs form: `up <inventory>` */
  readonly usage: string;
  readonly describe: string;
  readonly options: Table;
  /** One line a person can type. */
  readonly example: string;
  readonly load: () => Promise<(args: ArgumentsOf<Table>) => Promise<void>>;
}): CommandModule {
  const { usage, describe, options, example, load } = definition;
  return {
    command: usage,
    describe,
    builder: (yargs: Argv) =>
      Object.entries(options)
        .reduce(
          (built, [name, option]) =>
            new RegExp(`[<[]${name}(\\.\\.)?[>\\]]`).test(usage)
              ? built.positional(name, option as never)
              : built.option(kebab(name), { requiresArg: option.type !== 'boolean', ...option }),
          yargs,
        )
        .check((given) => refuseMeaningless(options, given), false)
        .example(`$0 ${example}`, ''),
    handler: async (args) => (await load())(args as ArgumentsOf<Table>),
  };
}

/** A noun with verbs of its own: `certs list`, `lab up`. */
export function family(
  name: string,
  describe: string,
  verbs: readonly CommandModule[],
): CommandModule {
  const names = verbs.map(({ command: usage }) => String(usage).split(' ')[0] ?? '');
  return {
    command: `${name} [verb]`,
    describe: `${describe}: ${names.join(', ')}`,
    builder: (yargs: Argv) => verbs.reduce((built, verb) => built.command(verb), yargs),
    // Reached when no verb took the words over.
    handler: ({ verb }) => {
      const wrong = typeof verb === 'string' && !names.includes(verb);
      const sentence = wrong ? `${name} does not know ${verb}` : `say what to do with ${name}`;
      throw new Failure('usage', `${sentence}: ${names.join(', ')}`, {
        next: [remedy`provision ${name} --help`],
      });
    },
  };
}
