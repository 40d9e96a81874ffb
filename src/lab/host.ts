import { Failure } from '../failure/failure.ts';
import { provision, remedy } from '../problem/remedy.ts';
import type { Command } from '../shell/command.ts';
import { type LocalOptions, type Outcome, run } from './local-command.ts';
import { diskPaths } from './paths.ts';
import { type Machine, machineIn } from './power.ts';
import { type HostRecord, type LabRecord, readRecord } from './record.ts';

/** A lab host for who holds the machine it runs on; none of this goes through ssh. */
export interface LabHost {
  readonly lab: string;
  readonly name: string;
  readonly address: string;
  readonly address6: string;
  /** Its root file system, seen from outside. */
  readonly root: string;
}

/** The hosts of a lab, in order. */
export function labHosts(lab: LabRecord): readonly LabHost[] {
  return lab.hosts.map(({ name, address, address6 }) => {
    return { lab: lab.name, name, address, address6, root: diskPaths(lab.name, name).root };
  });
}

/** What the record says of a host at this moment. Throws a Failure when its lab is gone. */
export async function currentRecord({
  lab,
  name,
}: LabHost): Promise<{ readonly lab: LabRecord; readonly host: HostRecord }> {
  const record = await readRecord(lab);
  const host = record?.hosts.find((each) => each.name === name);
  if (record === undefined || host === undefined)
    throw new Failure('failed', `the lab ${lab} has no host ${name} any more`, {
      next: [remedy`see which there are: ${provision('lab', 'list')}`],
    });
  return { lab: record, host };
}

/** The processes of a running host. Throws a Failure when it is off. */
export async function machineOf(host: LabHost): Promise<Machine> {
  const machine = await machineIn((await currentRecord(host)).host.netns);
  if (machine === undefined)
    throw new Failure('failed', `${host.name} is off`, {
      next: [remedy`see which run: ${provision('lab', 'list')}`],
    });
  return machine;
}

/** Runs a command inside a host as root, past sshd and network; every exit code is a value. */
export async function inside(
  host: LabHost,
  command: Command,
  options: Pick<LocalOptions, 'input' | 'deadline'> = {},
): Promise<Outcome> {
  const { init } = await machineOf(host);
  const shell = ['/usr/bin/env', '-i', ...ENVIRONMENT, '/bin/sh', '-c', command.text];
  return run('nsenter', ['--target', String(init), '--all', ...shell], options);
}

const ENVIRONMENT = [
  ...['HOME=/root', 'LC_ALL=C', 'USER=root'],
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
];
