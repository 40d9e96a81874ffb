import { DEBIANS, LAB_VERSION, RELEASED } from '../../lab/debian.ts';
import { command, family } from '../command.ts';
import { json } from '../options/json.ts';

const name = {
  name: { type: 'string', default: 'lab', describe: 'name of the lab' },
} as const;

const up = command({
  usage: 'up [count]',
  describe: 'Boot hosts on this machine: real systemd, sshd and addresses of their own',
  options: {
    count: { type: 'number', default: 3, describe: 'how many hosts' },
    debian: { choices: DEBIANS, default: 'bookworm', describe: 'what they run' },
    etcd: {
      type: 'string',
      default: LAB_VERSION,
      describe: `version its inventory names; ${RELEASED.join(', ')} and ${LAB_VERSION} come from Debian`,
    },
    ...name,
    ...json,
  },
  example: 'lab up 5 --debian trixie --name rehearsal',
  load: async () => (await import('./up.ts')).labUpCommand,
});

const list = command({
  usage: 'list',
  describe: 'Show the labs of this machine',
  options: { ...json },
  example: 'lab list',
  load: async () => (await import('./list.ts')).labListCommand,
});

const ssh = command({
  usage: 'ssh <host>',
  describe: 'Log in to a lab host as root, or run a command there',
  options: {
    host: { type: 'string', demandOption: true, describe: 'name of the host' },
  },
  example: 'lab ssh lab1 -- journalctl --unit etcd --lines 20',
  load: async () => (await import('./ssh.ts')).labSshCommand,
});

const down = command({
  usage: 'down',
  describe: 'End a lab and delete its disks and keys',
  options: {
    name: {
      ...name.name,
      only: {
        when: 'without --all',
        holds: ({ all }: Record<string, unknown>) => all !== true,
      },
    },
    all: { type: 'boolean', default: false, describe: 'every lab of this machine' },
  },
  example: 'lab down --all',
  load: async () => (await import('./down.ts')).labDownCommand,
});

/** `provision lab …` */
export const labCommands = family('lab', 'Hosts on this machine to try things on', [
  up,
  list,
  ssh,
  down,
]);
