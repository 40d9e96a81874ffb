import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { sh } from '../../shell/command.ts';
import { syncJournal } from '../host/journal.ts';

/** A client that a member turned away, or that turned the member away, because of the CA of a certificate. */
export interface Rejection {
  readonly address: string;
  /** Which side does not know the other's CA. */
  readonly why: 'the client distrusts the member' | 'the member distrusts the client';
}

// Alerts as Go names them: 42 (Go's own clients), 46 (Java), 48 (OpenSSL and what is built on it). By TLS 1.3 OpenSSL sends
// its alert before it has changed keys, and all that Go makes of it is a record that it cannot decrypt (tried with OpenSSL 3.0
// against etcd 3.4.23 to 3.7.1).
const DISTRUSTS_MEMBER =
  /remote error: tls: (?:bad certificate|unknown certificate authority|unknown certificate)|local error: tls: bad record MAC/;
const DISTRUSTED = /certificate signed by unknown authority/;

/**
 * The clients that a running member's log says it has rejected over a CA since that second of its own clock; each address once, in
 * order. Reads the journal and the files that etcd was told to log to. Throws a HostError when the host cannot be asked.
 */
export async function rejectionsSince(
  host: Host,
  unit: string,
  since: number,
): Promise<readonly Rejection[]> {
  const { stdout } = await must(
    host,
    `read the log of ${unit}`,
    sh`${syncJournal}
# Of this process alone: the one before it may have ended in the same second, and trusted other CAs.
invocation=$(systemctl show ${unit}.service --property=InvocationID --value)
journalctl _SYSTEMD_INVOCATION_ID="$invocation" --since ${`@${since}`} --output cat --no-pager 2>/dev/null | grep -a 'rejected connection' | tail -n 5000
pid=$(systemctl show ${unit}.service --property=MainPID --value)
[ "$pid" -gt 0 ] || exit 0
tr '\\0' '\\n' < /proc/$pid/environ | sed -n 's/^ETCD_LOG_OUTPUTS=//p' | tr ',' '\\n' | while read -r file; do
  case $file in /*) [ ! -f "$file" ] || tail -n 5000 "$file" | grep -a 'rejected connection' ;; esac
done
true`,
  );
  return readRejections(stdout, since);
}

/**
 * The rejections over a CA in lines of etcd's log, 3.3 to 3.7; lines with an older time of their own are passed over, and
 * those about peer ports where etcd says which port it was (since 3.5).
 */
export function readRejections(text: string, since: number): readonly Rejection[] {
  const found = text.split('\n').flatMap((line): readonly Rejection[] => {
    const address = /(?:from |"remote-addr":)"\[?([0-9a-fA-F.:%]+?)\]?:\d+"/.exec(line)?.[1];
    if (address === undefined || !line.includes('rejected connection')) return [];
    // A client's certificate is always rejected at a peer port; that changes nothing for client ports.
    if (line.includes('on peer endpoint')) return [];
    const at = /"ts":"([^"]+)"/.exec(line)?.[1];
    if (at !== undefined && Date.parse(at) < since * 1000) return [];
    const why = DISTRUSTS_MEMBER.test(line)
      ? 'the client distrusts the member'
      : DISTRUSTED.test(line)
        ? 'the member distrusts the client'
        : undefined;
    return why === undefined ? [] : [{ address: address.replace(/^::ffff:/, ''), why }];
  });
  const each = new Map(found.map((one) => [`${one.address} ${one.why}`, one]));
  return [...each.keys()].sort().flatMap((key) => each.get(key) ?? []);
}
