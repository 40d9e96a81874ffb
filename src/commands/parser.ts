import yargs, { type Argv } from 'yargs';
import { Failure } from '../failure/failure.ts';
import { remedy } from '../problem/remedy.ts';
import { suggestedCommand } from './suggest-command.ts';
import { commands } from './table.ts';

const NAMES = commands.map(({ command }) => String(command).split(' ')[0] ?? '');

/** What reads these words of a command line: every command with its options, and nothing else. */
export function parserOf(words: readonly string[], version = 'unknown'): Argv {
  const [first] = words.filter((word) => !word.startsWith('-'));
  return commands
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
}
