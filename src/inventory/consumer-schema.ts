import * as z from 'zod';
import { hostSshSchema } from './ssh-schema.ts';
import { absolutePath, account, address, hostName, hours, plain } from './yaml/scalars.ts';

const shellLine = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^\0\r\n]+$/, 'must be one line of a shell');

function hasOne(given: Readonly<Record<string, unknown>>): boolean {
  return Object.values(given).filter((value) => value !== undefined).length === 1;
}

function isLocalUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** A certificate for a client of etcd. */
export const clientSchema = z.strictObject({
  name: hostName.describe('what its files are called'),
  commonName: plain
    .min(1)
    .optional()
    .describe('etcd takes it for the user name; else the name above'),
  organization: plain.optional().describe('Kubernetes takes it for the group; else pki.subject.O'),
  expiry: hours.optional().describe('how long it lives; else pki.expiry.leaf'),
});

/** Hosts on which a client of etcd runs. */
export const consumerSchema = z.strictObject({
  name: hostName,
  hosts: z
    .array(z.strictObject({ address, ssh: hostSshSchema.prefault({}) }))
    .min(1)
    .max(100),
  certificate: hostName
    .optional()
    .describe('name of one of the clients, or of a plain one; else the name above'),
  directory: absolutePath.describe('a directory for these files alone'),
  owner: account.default('root').describe('whose the key is'),
  group: account.default('root').describe('the group of the key'),
  keyMode: z.enum(['0600', '0640']).default('0600').describe('rights of the key'),
  reload: z
    .strictObject({
      unit: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9:_.@-]{0,80}$/, 'must be the name of a systemd unit')
        .optional()
        .describe('reloaded, or restarted where it cannot reload, after each change'),
      command: shellLine
        .optional()
        .describe('run as root on the host after each change, where it is no unit'),
    })
    .refine(hasOne, 'must say one of unit and command')
    .optional(),
  ready: z
    .strictObject({
      url: z
        .string()
        .refine(isLocalUrl, 'must be a URL of http or https, such as https://127.0.0.1:6443/readyz')
        .optional()
        .describe('asked from the host itself; it must answer with status 200'),
      command: shellLine.optional().describe('run as root on the host; it must end with code 0'),
    })
    .refine(hasOne, 'must say one of url and command')
    .optional()
    .describe('what must be answered after a change before the next host is touched'),
});
