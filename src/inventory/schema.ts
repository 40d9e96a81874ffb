import * as z from 'zod';
import { clientSchema, consumerSchema } from './consumer-schema.ts';
import { hostSshSchema, sshSchema } from './ssh-schema.ts';
import {
  absolutePath,
  account,
  address,
  hostName,
  hours,
  memberName,
  plain,
  port,
} from './yaml/scalars.ts';

const setting = z.union([
  z
    .string()
    .max(4096)
    .regex(/^[^\p{Cc}\p{Cs}%$\\'`]*$/u, "must not hold control characters, %, $, \\, ' or `"),
  z.number(),
  z.boolean(),
]);

// A value of a unit file: nothing in it can end the line, be expanded or be quoted.
const serviceSetting = z.union([
  z
    .string()
    .max(200)
    .regex(/^[A-Za-z0-9_.,% -]+$/, 'must be plain text: letters, digits, and . , - _ or a %'),
  z.number(),
]);

const source = z.union([
  z.strictObject({
    release: z.strictObject({
      url: z
        .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
        .optional()
        .describe('mirror of the release downloads'),
    }),
  }),
  z.strictObject({
    archive: z.string().min(1).describe('a release archive on this machine'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits')
      .describe('its checksum'),
  }),
  z.strictObject({
    directory: z
      .string()
      .min(1)
      .describe('a directory on this machine that holds etcd, etcdctl and (3.5 on) etcdutl'),
  }),
  z.strictObject({
    installed: absolutePath.describe('a directory that holds them on every host already'),
  }),
]);

const everyKey = z.strictObject({
  cluster: hostName.describe(
    'names the cluster in the PKI store, the lock, the unit and every message',
  ),
  protocol: z.enum(['http', 'https']).default('https').describe('for peers and clients alike'),
  adopted: z
    .strictObject({
      clusterId: z
        .string()
        .regex(/^[0-9a-f]{1,16}$/, 'must be the cluster id as etcdctl prints it, hexadecimal')
        .describe('id of the cluster that something else made, as adopt found it'),
      clientCertificates: z
        .enum(['required', 'optional'])
        .optional()
        .describe('whether clients must show a certificate; else as anywhere: required'),
      layout: z
        .enum(['ours', 'keep'])
        .default('ours')
        .describe('whether unit, configuration and programs become ours, or stay as they are'),
    })
    .optional()
    .describe('whose units and data on the hosts are taken over'),
  etcd: z.strictObject({
    version: z.string().regex(/^3\.\d{1,2}\.\d{1,3}$/, 'must be a full version such as 3.5.30'),
    source: source.default({ release: {} }),
    settings: z.record(z.string(), setting).default({}).describe('any other etcd flag'),
    service: z
      .record(z.string(), serviceSetting)
      .default({})
      .describe('settings of systemd for the unit'),
    ports: z.strictObject({ client: port.default(2379), peer: port.default(2380) }).prefault({}),
    paths: z
      .strictObject({
        bin: absolutePath.default('/opt/etcd'),
        conf: absolutePath.default('/etc/etcd'),
        data: absolutePath.default('/var/lib/etcd'),
        wal: absolutePath
          .optional()
          .describe('directory for the write-ahead log, on a disk of its own; else in the data'),
        walDirectory: absolutePath
          .optional()
          .describe('the very directory of the log, where others have put it; instead of wal'),
      })
      .prefault({}),
    user: account.default('etcd').describe('runs etcd and owns its files; made where missing'),
    unit: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,60}$/, 'must use a-z, 0-9 and hyphens, and start with a letter')
      .default('etcd')
      .describe('name of the systemd service'),
  }),
  ssh: sshSchema.prefault({}),
  pki: z
    .strictObject({
      store: z
        .string()
        .min(1)
        .optional()
        .describe('directory of CA and keys; else <cluster>.pki beside the inventory'),
      key: z
        .discriminatedUnion('algo', [
          z.strictObject({ algo: z.literal('ecdsa'), size: z.literal([256, 384]).default(256) }),
          z.strictObject({
            algo: z.literal('rsa'),
            size: z.literal([2048, 3072, 4096]).default(3072),
          }),
        ])
        .default({ algo: 'ecdsa', size: 256 }),
      keys: z
        .enum(['store', 'host'])
        .default('store')
        .describe('where the keys of members and consumers are made'),
      peerCa: z
        .enum(['separate', 'shared'])
        .optional()
        .describe('whether peers trust a CA of their own; else as the PKI store has it'),
      subject: z
        .strictObject({
          C: z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter country code such as CN'),
          ST: plain,
          L: plain,
          O: plain,
          OU: plain,
        })
        .partial()
        .default({}),
      expiry: z
        .strictObject({ ca: hours.default(87_600), leaf: hours.default(8_760) })
        .prefault({}),
      sans: z
        .array(z.string().max(253))
        .default([])
        .describe('further names for every server and peer certificate'),
    })
    .prefault({}),
  snapshots: z
    .strictObject({
      directory: z
        .string()
        .min(1)
        .optional()
        .describe(
          'directory of snapshots on this machine; else <cluster>.snapshots beside the inventory',
        ),
      hostDirectory: absolutePath
        .default('/var/lib/provision/snapshots')
        .describe('directory on the members for snapshots that stay there or are on their way'),
    })
    .prefault({}),
  members: z
    .array(
      z.strictObject({
        name: memberName,
        address: address.describe(
          'what the member advertises: an IP address, or a name all others resolve',
        ),
        listen: address.optional().describe('IP address to bind; needed where address is a name'),
        addresses: z
          .array(address)
          .default([])
          .describe('further addresses it may be reached at or dial from'),
        settings: z
          .record(z.string(), setting)
          .default({})
          .describe('what of etcd.settings this member has otherwise'),
        ssh: hostSshSchema.prefault({}),
      }),
    )
    .min(1)
    .max(9),
  clients: z
    .array(clientSchema)
    .default([])
    .describe('further client certificates, kept in the store'),
  consumers: z
    .array(consumerSchema)
    .default([])
    .describe('hosts that get a client certificate, such as those of kube-apiserver'),
});

/** The YAML a person writes. Defaults and spellings are known here and nowhere else. */
export const inventorySchema = everyKey.superRefine(({ adopted, members }, context) => {
  if (adopted !== undefined) return;
  for (const [index, { name }] of members.entries()) {
    const [issue] = hostName.safeParse(name).error?.issues ?? [];
    if (issue === undefined) continue;
    context.addIssue({ code: 'custom', path: ['members', index, 'name'], message: issue.message });
  }
});

export type Inventory = z.output<typeof inventorySchema>;
export type Member = Inventory['members'][number];
export type Client = Inventory['clients'][number];
export type Consumer = Inventory['consumers'][number];
