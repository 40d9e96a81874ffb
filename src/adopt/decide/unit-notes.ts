import type { Problem } from '../../problem/problem.ts';
import { remedy } from '../../problem/remedy.ts';
import type { AdoptedMember, Found } from './adoption.ts';
import { nameOf } from './name-of.ts';
import { alike, note } from './note.ts';

/** What is to be known of the units and programs that members run by. */
export function unitNotes(members: readonly AdoptedMember[]): readonly Problem[] {
  return alike(
    members.flatMap(({ found, ...one }) => (found === undefined ? [] : ofUnit(nameOf(one), found))),
  );
}

function ofUnit(name: string, { etcd, machine }: Found): readonly Problem[] {
  const { unit, written, process, program } = etcd;
  const say = (kind: string, sentence: string, more: Parameters<typeof note>[3] = {}): Problem =>
    note(kind, [name], sentence, more);
  const property = (key: string) => unit?.properties.get(key) ?? '';
  const packages = [
    ...new Set(
      [...(unit?.files ?? []), ...(unit?.environmentFiles ?? []).map(({ path }) => path)].flatMap(
        (path) => machine.files.get(path)?.ownedBy ?? [],
      ),
    ),
  ];
  const dropIns = (unit?.files ?? []).slice(1);
  const aliases = property('Names')
    .split(' ')
    .filter((one) => one !== '' && one !== unit?.name);
  return [
    ...(process === undefined
      ? [
          say(
            'not running',
            `${unit?.name ?? 'its etcd'} does not run: what is said of it is what its files say`,
            {
              severity: 'fail',
              next: [
                remedy`start it, or see why it ended: journalctl -u ${unit?.name ?? 'etcd'} -n 50`,
              ],
            },
          ),
        ]
      : []),
    ...packages.map((one) =>
      say(
        'package',
        `the package ${one} owns its unit or settings: an update of it would bring its own etcd and restart it`,
        {
          severity: 'warn',
          next: [
            remedy`hold it before up: apt-mark hold ${one}, or the same of another package manager`,
          ],
        },
      ),
    ),
    ...(dropIns.length === 0
      ? []
      : [say('drop-ins', `its unit has drop-ins, which go: ${dropIns.join(', ')}`)]),
    ...(unit === undefined || unit.unread.length === 0
      ? []
      : [
          say(
            'drop-ins not read',
            `its unit has drop-ins that systemd has not read yet, and that count from its next reload or boot on: ${unit.unread.join(', ')}`,
            { severity: 'warn' },
          ),
        ]),
    ...(aliases.length === 0 ? [] : [say('aliases', `its unit is ${aliases.join(', ')} too`)]),
    ...(written?.wrapper === undefined
      ? []
      : [
          say(
            'wrapper',
            `its unit starts etcd by ${written.wrapper} -c; up starts it without a shell`,
          ),
        ]),
    ...(property('NeedDaemonReload') === 'yes'
      ? [
          say('not reloaded', 'its unit file was changed and systemd has not read it again', {
            severity: 'warn',
          }),
        ]
      : []),
    ...(process !== undefined && property('UnitFileState') === 'disabled'
      ? [
          say('disabled', 'its unit is disabled: it does not come back after a reboot', {
            severity: 'warn',
          }),
        ]
      : []),
    ...(written?.missing ?? []).map((path) =>
      say('file missing', `its unit needs ${path}, which is not there: its next start fails`, {
        severity: 'fail',
      }),
    ),
    ...(written?.dropped ?? []).map(({ name: variable, place }) =>
      say('line dropped', `${place}: systemd drops “${variable}”, which is no name of a variable`, {
        severity: 'warn',
      }),
    ),
    ...(process !== undefined &&
    (process.isReplaced ||
      (program.version ?? '') !== (program.fileVersion ?? program.version ?? ''))
      ? [
          say(
            'program replaced',
            `runs ${program.version ?? 'a program'} that is not on the disk any more: ${process.executable} is ${program.fileVersion ?? 'gone'} now, and its next start runs that`,
            { severity: 'warn' },
          ),
        ]
      : []),
  ];
}
