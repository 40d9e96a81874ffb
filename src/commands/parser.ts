import yargs, { type Argv } from 'yargs';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { suggestedCommand } from './suggest-command.ts';
import { commands } from './table.ts';

const NAMES = commands.map(({ command }) => String(command).split(' ')[0] ?? '');

/** What reads these words of a command line: every command with its options, and nothing else. */
export function parserOf(words: readonly string[], version = 'unknown'): Argv {
  const [first] = words.filter((word) => !word.startsWith('-'));
  const parser = commands
    .reduce((built, command) => built.command(command), yargs([...words]))
    .scriptName('provision')
    .usage('$0 <command>\n\nBuilds and keeps etcd clusters on bare systemd machines over SSH.')
    .parserConfiguration({ 'populate--': true })
    .strict()
    .demandCommand(1, 'Say what to do: provision --help lists the commands.')
    .version(version)
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .fail((message, error) => {
      // What the parser itself refuses is a mistake of the user, with or without an error of the parser's own.
      const isOurs = error !== undefined && error !== null && error.name !== 'YError';
      if (isOurs) throw error;
      // `provision restart x`: the parser complains of each word alike.
      if (first !== undefined && !NAMES.includes(first))
        throw new Failure('usage', `provision has no command ${first}`, {
          next: [remedy`${suggestedCommand(first, NAMES)}`],
        });
      throw new Failure('usage', message, { next: [remedy`provision --help`] });
    });
  withoutSpareHelp(parser);
  return parser;
}

/**
 * Before a command runs yargs writes its whole help, to show it should the command fail; ours are reported in other words,
 * and the help takes a twelfth of the time of a run with nothing to do.
 */
function withoutSpareHelp(parser: Argv): void {
  const { getInternalMethods } = parser as Argv & Partial<Internal>;
  const usage = getInternalMethods?.call(parser).getUsageInstance();
  if (usage !== undefined) usage.cacheHelpMessage = () => {};
}

interface Internal {
  readonly getInternalMethods: () => {
    readonly getUsageInstance: () => { cacheHelpMessage: () => void };
  };
}
