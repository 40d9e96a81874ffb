import { stringify } from 'yaml';
import type { Ssh } from './ssh-schema.ts';

type Value = string | number | boolean;

/** What an inventory of a cluster that something else made says; what is left out is as our defaults have it. */
export interface AdoptedStart {
  readonly cluster: string;
  /** 16 hexadecimal digits. */
  readonly clusterId: string;
  /** Said where clients are served without a certificate today. */
  readonly clientCertificates: 'optional' | undefined;
  /** Said where unit, configuration and programs stay as they are. */
  readonly layout?: 'keep' | undefined;
  readonly protocol: 'http' | 'https';
  readonly version: string;
  readonly settings: Readonly<Record<string, Value>>;
  readonly service: Readonly<Record<string, Value>>;
  readonly ports: { readonly client: number; readonly peer: number };
  readonly paths: {
    readonly bin?: string | undefined;
    readonly conf?: string | undefined;
    readonly data: string;
    readonly wal?: string | undefined;
    readonly walDirectory?: string | undefined;
  };
  readonly user: string;
  readonly unit: string;
  readonly ssh: Ssh;
  /** Whether peers trust the CA of clients; said with https only. */
  readonly peerCa: 'shared' | 'separate' | undefined;
  /** Said where members keep the certificates that they have. */
  readonly keys?: 'host' | undefined;
  readonly members: readonly AdoptedStartMember[];
  /** What cannot be said here: each a line of a comment. */
  readonly remarks: readonly string[];
}

export interface AdoptedStartMember {
  readonly name: string;
  readonly address: string;
  readonly listen?: string | undefined;
  readonly addresses: readonly string[];
  readonly settings: Readonly<Record<string, Value>>;
  readonly ssh: {
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly user?: string | undefined;
  };
}

/** The text of an inventory for a cluster that something else made, in the order of inventories/full.yaml. */
export function adoptedInventory(start: AdoptedStart): string {
  const { cluster, protocol, version, paths, ports, unit, user } = start;
  return `# Written by \`provision adopt\`: the cluster as it was found. \`provision plan\` shows what \`up\` would change.
# inventories/full.yaml of the package explains every key that may stand here.
${start.remarks.map((line) => `# ${line.replaceAll(/[\r\n]+/g, ' ')}\n`).join('')}
cluster: ${word(cluster)}

# Units and data of the cluster with this id are taken over, and nobody else's.
adopted:
  clusterId: ${flow(start.clusterId)}
${clientCertificates(start)}${layout(start)}
protocol: ${word(protocol)}

etcd:
  # What runs. Changing it is an upgrade. Where this machine cannot fetch its release, etcd.source says where it lies.
  version: ${word(version)}
${mapping('settings', start.settings, '  ')}${mapping('service', start.service, '  ')}  ports: { client: ${ports.client}, peer: ${ports.peer} }
  paths:
${paths.bin === undefined ? '' : `    bin: ${word(paths.bin)}\n`}${paths.conf === undefined ? '' : `    conf: ${word(paths.conf)}\n`}    data: ${word(paths.data)}
${paths.wal === undefined ? '' : `    wal: ${word(paths.wal)}\n`}${paths.walDirectory === undefined ? '' : `    walDirectory: ${word(paths.walDirectory)}\n`}  user: ${word(user)}
  unit: ${word(unit)}
${mapping('ssh', start.ssh, '', '\n')}${pki(start)}
members:
${start.members.map(memberText).join('')}`;
}

function clientCertificates({ clientCertificates: said }: AdoptedStart): string {
  return said === undefined
    ? ''
    : `  # As it was found: clients are served without a certificate; required once all have one.\n  clientCertificates: ${said}\n`;
}

function layout({ layout: said }: AdoptedStart): string {
  return said === undefined
    ? ''
    : `  # Unit, configuration and programs stay as they are; without this line up has members run by ours.\n  layout: ${said}\n`;
}

const PEER_CA = {
  shared:
    'As it was found: every client certificate of this CA can act as a member. `certs rotate-ca --split` ends that.',
  separate: 'As it was found: peers trust a CA of their own.',
};

const KEPT =
  '  # As they were found: members keep their certificates, whose keys are on their hosts. `certs rotate-ca` brings them new ones.\n  keys: host\n';

function pki({ peerCa, keys }: AdoptedStart): string {
  if (peerCa === undefined && keys === undefined) return '';
  const ca = peerCa === undefined ? '' : `  # ${PEER_CA[peerCa]}\n  peerCa: ${peerCa}\n`;
  return `\npki:\n${ca}${keys === undefined ? '' : KEPT}`;
}

function memberText({ name, address, listen, addresses, settings, ssh }: AdoptedStartMember) {
  return [
    `  - name: ${word(name)}\n    address: ${word(address)}\n`,
    ...(listen === undefined ? [] : [`    listen: ${word(listen)}\n`]),
    ...(addresses.length === 0 ? [] : [`    addresses: [${addresses.map(flow).join(', ')}]\n`]),
    mapping('settings', settings, '    '),
    mapping('ssh', ssh, '    '),
  ].join('');
}

function mapping(
  key: string,
  values: Readonly<Record<string, Value | undefined>>,
  indent: string,
  before = '',
): string {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  if (entries.length === 0) return '';
  const lines = entries.map(([name, value]) => `${indent}  ${word(name)}: ${word(value ?? '')}\n`);
  return `${before}${indent}${key}:\n${lines.join('')}`;
}

// One line, quoted where YAML would take it for something else.
function word(value: Value): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN', blockQuote: false }).replace(
    /\n$/,
    '',
  );
}

function flow(text: string): string {
  return JSON.stringify(text);
}
