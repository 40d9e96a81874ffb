import { isIP } from 'node:net';
import { stringify } from 'yaml';

/** What a first inventory says; everything else is left to defaults. */
export interface Start {
  readonly cluster: string;
  readonly protocol: string;
  readonly version: string;
  /** Login name; left to ~/.ssh/config when absent. */
  readonly user: string | undefined;
  readonly members: readonly { readonly name: string; readonly address: string }[];
}

/** The text of a first inventory, with comments on what one may want to change next. */
export function starterInventory({ cluster, protocol, version, user, members }: Start): string {
  return `# What the cluster should be. \`provision plan\` shows what would be done about it, \`provision up\` does it.
# inventories/full.yaml of the package explains every key that may stand here.

# Names the cluster in the PKI store, the lock, the unit and every message.
cluster: ${word(cluster)}

# http or https, for peers and clients alike.
protocol: ${word(protocol)}

etcd:
  # Changing it later is an upgrade.
  version: ${word(version)}
  # Any flag of etcd:
  # settings: {quota-backend-bytes: 8589934592, auto-compaction-retention: 8h}

${ssh(user)}
# The hosts that run etcd: one, three or five.
members:
${members.map(member).join('')}`;
}

function ssh(user: string | undefined): string {
  const off = user === undefined ? '# ' : '';
  return `# How hosts are reached. ~/.ssh/config is honoured; a member may have an ssh of its own.
${off}ssh:
${off}  user: ${word(user ?? 'root')}
#   identityFile: ~/.ssh/id_ed25519
#   become: sudo
`;
}

function member({ name, address }: Start['members'][number]): string {
  // etcd binds IP addresses only.
  const listen =
    isIP(address) === 0
      ? '    # All addresses of the host; name one to bind only that.\n    listen: 0.0.0.0\n'
      : '';
  return `  - name: ${word(name)}\n    address: ${word(address)}\n${listen}`;
}

// One line, quoted where YAML would take it for something else than text.
function word(text: string): string {
  return stringify(text, { lineWidth: 0, defaultStringType: 'PLAIN', blockQuote: false }).replace(
    /\n$/,
    '',
  );
}
