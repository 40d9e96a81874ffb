import test from 'ava';
import { parserOf } from '../../src/commands/parser.ts';
import { suggestedCommand } from '../../src/commands/suggest-command.ts';
import { commands } from '../../src/commands/table.ts';
import { Failure } from '../../src/failure/failure.ts';

const names = commands.map(({ command }) => String(command).split(' ')[0] ?? '');

for (const [word, meaning] of [
  ['apply', 'provision up INVENTORY makes the hosts match the inventory'],
  ['backup', 'provision snapshot save INVENTORY takes a snapshot'],
  ['defrag', 'provision etcdctl INVENTORY -- ARGUMENTS runs etcdctl'],
  ['snap', 'provision snapshot save INVENTORY takes a snapshot'],
  ['stauts', 'did you mean provision status?'],
  ['chekc', 'did you mean provision check?'],
  ['dwon', 'did you mean provision down?'],
  ['restor', 'did you mean provision restore?'],
  ['done', 'provision --help lists the commands'],
  ['own', 'provision --help lists the commands'],
  ['restate', 'provision --help lists the commands'],
  ['destroy', 'provision --help lists the commands'],
  ['delete', 'provision --help lists the commands'],
  ['stop', 'provision --help lists the commands'],
  ['constructor', 'provision --help lists the commands'],
  ['xyzzy', 'provision --help lists the commands'],
] as const)
  test(`suggestedCommand: ${word}`, (t) => {
    t.is(suggestedCommand(word, names), meaning);
  });

for (const word of ['adopt', 'restart', 'reload', 'roll', 'repair', 'renew'])
  test(`suggestedCommand: ${word} is not taken for what stops or replaces`, (t) => {
    t.notRegex(suggestedCommand(word, names), /provision (down|restore|migrate)/);
  });

test('provision with a word that is not a command says what is meant', async (t) => {
  const error = await t.throwsAsync(async () => parserOf(['restart', 'x.yaml']).parseAsync());
  t.true(error instanceof Failure && error.reason === 'usage');
  t.is(error?.message, 'provision has no command restart');
});
