import * as z from 'zod';

const port = z.int().min(1).max(65_535);
const secret = z
  .string()
  .regex(/^(ask|env:[A-Za-z_][A-Za-z0-9_]*|fd:[0-9]{1,4})$/, 'is ask, env:NAME or fd:NUMBER');

/** How a machine is reached. The same keys stand at the top level (for all) and in a host's own `ssh` (wins). */
export const sshSchema = z.strictObject({
  user: z.string().min(1).optional().describe('login name; else ~/.ssh/config, else your own'),
  port: port.optional().describe('else ~/.ssh/config, else 22'),
  identityFile: z
    .string()
    .min(1)
    .optional()
    .describe('private key; ~ is your home, a relative path starts at the inventory'),
  become: z
    .enum(['none', 'sudo', 'doas'])
    .optional()
    .describe('how to become root; else none for root, sudo for others'),
  becomePassword: secret
    .optional()
    .describe('where sudo gets its password: ask (once for all hosts), env:NAME or fd:NUMBER'),
  passphrase: secret.optional().describe('of identityFile; else it is asked for when needed'),
  password: secret
    .optional()
    .describe('log in with a password (or keyboard-interactive) if no key does'),
  jump: z
    .string()
    .regex(
      /^(none|([^\s@,]+@)?[^\s@,]+(,([^\s@,]+@)?[^\s@,]+)*)$/,
      'is [user@]host[:port], commas between',
    )
    .optional()
    .describe('hosts to go through, as in ProxyJump; none: directly, whatever ~/.ssh/config says'),
  hostKeys: z
    .enum(['strict', 'accept-new'])
    .optional()
    .describe('strict refuses unknown host keys; accept-new records a first one'),
  knownHosts: z
    .string()
    .min(1)
    .optional()
    .describe('else ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts'),
});

/** A host's own way in: all of the above, a pinned key, and an address that differs from the advertised one. */
export const hostSshSchema = sshSchema.extend({
  host: z.string().min(1).optional().describe('where sshd answers, if not at the member address'),
  hostKey: z
    .string()
    .regex(/^SHA256:[A-Za-z0-9+/]{43}$/)
    .optional()
    .describe('pinned fingerprint, as ssh-keygen -l prints it; known_hosts is then not asked'),
});

export type Ssh = z.output<typeof sshSchema>;
export type HostSsh = z.output<typeof hostSshSchema>;
