import { Failure } from '../failure/failure.ts';
import type { Host, RunOptions } from '../host/host.ts';
import { lastWords, printable } from '../host/printable.ts';
import { UnknownOutcome } from '../host/unknown-outcome.ts';
import { type Next, remedy } from '../problem/remedy.ts';
import { type Command, quote, sh } from '../shell/command.ts';
import type { Secret } from '../shell/secret.ts';
import { withTimeout } from './deadline.ts';
import { BEGIN, PRINT_BEGIN } from './login-shell.ts';
import { onStdin, READ_FROM_STDIN } from './on-stdin.ts';

/** How a login that is not root becomes root. */
export interface Escalation {
  readonly by: 'sudo' | 'doas';
  readonly user: string;
  /** What sudo asks for; nothing when it must not ask. */
  readonly password: Secret | undefined;
}

type Run = readonly [command: Command, options: RunOptions];

// An argument holds 128 KiB (MAX_ARG_STRLEN); quoting makes it longer.
const LONGEST_ARGUMENT = 64 * 1024;
const PREPARE = `${PRINT_BEGIN} >&2
umask 022
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
export PATH LC_ALL
`;

// doas asks at a terminal only.
const COMMANDS = {
  sudo: { unasked: sh`sudo -n -H`, asked: sh`sudo -S -p '' -H` },
  doas: { unasked: sh`doas -n`, asked: sh`doas` },
};

/** The same machine as root. `run` throws a Failure with reason `unreachable` where root cannot be had. */
export function asRoot(host: Host, escalation: Escalation): Host {
  let proof: Promise<void> | undefined;
  const prove = () => {
    proof ??= proveRoot(host, escalation).catch((error) => {
      // A connection lost on the way says nothing about sudo.
      if (error instanceof UnknownOutcome) proof = undefined;
      throw error;
    });
    return proof;
  };
  return {
    name: host.name,
    dial: (address, port) => host.dial(address, port),
    close: () => host.close(),
    run: async (command, options = {}) => {
      // A mistyped password is tried once, by itself: sudo would try three lines of whatever follows, and
      // three are enough for pam_faillock to lock the account.
      if (escalation.password) await prove();
      const result = await host.run(...escalated(escalation, command, options));
      // What comes before the mark is sudo's: its lecture, or why it refused.
      const [theirs = '', ...ours] = result.stderr.split(BEGIN.toString());
      if (ours.length > 0) return { ...result, stderr: ours.join(BEGIN.toString()) };
      await prove();
      throw notRoot(host, escalation, theirs);
    },
  };
}

function escalated({ by, password }: Escalation, command: Command, options: RunOptions): Run {
  const isOnStdin = password !== undefined || command.text.length > LONGEST_ARGUMENT;
  const sent = isOnStdin ? READ_FROM_STDIN : command.text;
  const script = PREPARE + withTimeout(sent, options.deadline);
  const before = password && `${password.reveal()}\n`;
  return [
    sh`exec ${COMMANDS[by][password ? 'asked' : 'unasked']} /bin/sh -c ${script}`,
    isOnStdin ? { ...options, input: onStdin(command.text, options.input, before) } : options,
  ];
}

async function proveRoot(host: Host, escalation: Escalation): Promise<void> {
  const { by, password } = escalation;
  const { exitCode, stderr } = password
    ? // Without -k a password typed elsewhere a minute ago would do instead of this one.
      await host.run(sh`${COMMANDS[by].asked} -k /bin/sh -c :`, { input: `${password.reveal()}\n` })
    : await host.run(sh`${COMMANDS[by].unasked} /bin/sh -c :`);
  if (exitCode !== 0) throw notRoot(host, escalation, stderr);
}

function notRoot({ name }: Host, { by, user }: Escalation, stderr: string): Failure {
  const why = whyRefused(by, stderr) || `${by} said nothing`;
  const next = by === 'sudo' ? sudoAdvice(name, user, why) : doasAdvice(name, user);
  return new Failure('unreachable', `${name}: ${user} cannot become root by ${by}: ${why}`, {
    next,
    log: printable(stderr),
  });
}

/** What sudo, doas and the modules of PAM said, without the lecture and without what sudo says of each attempt. */
function whyRefused(by: Escalation['by'], stderr: string): string {
  const last = lastWords(stderr);
  // sudo's last line sums up the attempts before it.
  if (/incorrect password attempt/.test(last)) return last;
  const lines = printable(stderr)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const isLecture = lines.some((line) => line.startsWith('#1)'));
  const said = isLecture ? lines.filter((line) => line.startsWith(`${by}: `)) : lines;
  return [...new Set(said)].join('; ').slice(0, 600);
}

/** What helps against what sudo said; sudoers is the place for two of its refusals only. */
function sudoAdvice(host: string, user: string, why: string): Next {
  if (/incorrect password attempt/.test(why))
    return [
      remedy`give the password of ${user} on ${host}; faillock --user ${user} there says whether the account is locked`,
    ];
  if (/PAM|account validation|account has expired|password expired|password is expired/i.test(why))
    return [
      remedy`PAM refuses ${user} on ${host}, whatever sudoers says: look at /etc/pam.d/sudo and chage -l ${user} there; journalctl -t sudo -n 5 says which module`,
    ];
  if (/setuid|no new privileges|effective uid is not 0/i.test(why))
    return [
      remedy`sudo may not change the account on ${host}: see that it is mounted without nosuid (findmnt -T $(command -v sudo)) and that sshd sets no NoNewPrivileges`,
    ];
  if (/not found|no such file/i.test(why))
    return [
      remedy`install sudo on ${host}, or set ssh.become: doas or log in as root in the inventory`,
    ];
  return sudoersAdvice(host, user);
}

function sudoersAdvice(host: string, user: string): Next {
  const lines = [`${user} ALL=(root) NOPASSWD: /bin/sh`, `Defaults:${user} !requiretty`];
  const file = '/etc/sudoers.d/provision';
  return [
    remedy`on ${host}, as root: printf '%s\\n' ${lines.map(quote).join(' ')} > ${file} && chmod 440 ${file}; or give ssh.becomePassword in the inventory`,
  ];
}

function doasAdvice(host: string, user: string): Next {
  return [
    remedy`on ${host}, as root: echo ${quote(`permit nopass ${user} as root cmd /bin/sh`)} >> /etc/doas.conf`,
  ];
}
