import { Failure } from '../failure/failure.ts';
import type { Host, Result } from '../host/host.ts';
import { lastWords } from '../host/printable.ts';
import { remedy } from '../problem/remedy.ts';
import { quote } from '../shell/command.ts';
import { STRANGE } from './lock-script.ts';

/** Throws a Failure (refused) where a script of the lock ended because something stands in the place of one of its files. */
export function refuseStrangeFile(
  host: Pick<Host, 'name'>,
  cluster: string,
  { exitCode, stderr }: Pick<Result, 'exitCode' | 'stderr'>,
): void {
  if (exitCode !== STRANGE) return;
  const said = lastWords(stderr);
  const path = said.split(' ')[0] ?? '';
  throw new Failure(
    'refused',
    `${host.name}: ${said}, where the lock of ${cluster} is kept: nobody can tell whether another run works there`,
    {
      next: [
        remedy`see what it is: ls -ld ${quote(path)} on ${host.name}; if nothing there needs it: mv ${quote(path)} ${quote(`${path}.found`)}; then run the same command again`,
      ],
    },
  );
}
