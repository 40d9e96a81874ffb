import { randomBytes } from 'node:crypto';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { type Command, lines, sh } from '../shell/command.ts';

export interface Answer {
  readonly exitCode: number;
  readonly stdout: string;
}

/** What to ask a host, and how to read the answer. The question changes nothing; reading is a function of the answer. */
export interface Fact<T> {
  /** Done once for all questions that begin with the same; what it sets, they find. */
  readonly first?: readonly Command[];
  readonly ask: Command;
  readonly read: (answer: Answer) => T;
}

/** The question of a fact that there is nothing to ask about. */
export const NOTHING: Command = sh`:`;

export type FactTable = Readonly<Record<string, Fact<unknown>>>;
export type Answers<Table extends FactTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Fact<infer T> ? T : never;
};

/** The answers to all questions of the table, from one round trip. Throws when the host cannot be asked. */
export async function askAll<Table extends FactTable>(
  host: Host,
  table: Table,
  deadline = 30,
): Promise<Answers<Table>> {
  // A mark nobody can have written into a file that is read back.
  const mark = randomBytes(12).toString('hex');
  const names = Object.keys(table);
  const begun = new Set<string>();
  const questions = names.flatMap((name) => {
    const { ask = NOTHING, first = [] } = table[name] ?? {};
    const fresh = first.filter(({ text }) => !begun.has(text));
    for (const { text } of fresh) begun.add(text);
    return [
      ...fresh.map(
        (one) => sh`{ ${one}
} >/dev/null 2>&1 </dev/null`,
      ),
      ask.text === NOTHING.text
        ? sh`printf '\n%s 0\n' ${mark}`
        : sh`( ${ask}
) 2>/dev/null </dev/null; printf '\n%s %d\n' ${mark} $?`,
    ];
  });

  const { stdout } = await must(host, 'read its state', lines(questions), { deadline });
  const answers = stdout.split(new RegExp(`\n${mark} (\\d+)\n`));
  return Object.fromEntries(
    names.map((name, index) => [
      name,
      table[name]?.read({
        stdout: answers[2 * index] ?? '',
        exitCode: Number(answers[2 * index + 1] ?? 255),
      }),
    ]),
  ) as Answers<Table>;
}

/** `key=value` lines as a map. */
export function properties(stdout: string): ReadonlyMap<string, string> {
  return new Map(
    stdout
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
