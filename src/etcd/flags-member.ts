/** Flags that one member may have otherwise than the others: what they decide ends at its own process. */
const OF_ONE_MEMBER: ReadonlySet<string> = new Set([
  ...['log-level', 'log-format', 'log-package-levels', 'debug'],
  ...['snapshot-count', 'max-snapshots', 'max-wals', 'snapshot-catchup-entries'],
  ...['backend-batch-interval', 'backend-batch-limit', 'backend-bbolt-freelist-type'],
  ...['bootstrap-defrag-threshold-megabytes', 'memory-mlock'],
  ...['compaction-batch-limit', 'compaction-sleep-interval'],
  ...['max-concurrent-streams', 'socket-reuse-address', 'socket-reuse-port'],
  ...['grpc-keepalive-interval', 'grpc-keepalive-min-time', 'grpc-keepalive-timeout'],
  ...['raft-read-timeout', 'raft-write-timeout', 'initial-election-tick-advance'],
  ...['listen-metrics-urls', 'metrics', 'enable-pprof', 'watch-progress-notify-interval'],
  ...['warning-apply-duration', 'warning-unary-request-duration'],
  ...['enable-distributed-tracing', 'distributed-tracing-address'],
  ...['distributed-tracing-instance-id', 'distributed-tracing-sampling-rate'],
  'distributed-tracing-service-name',
]);

const ELECTIONS = 'decides elections, which go wrong where members differ';
const COMPACTION = 'would have the leader of the moment decide which history is kept';
const TOKENS = 'decides about tokens and passwords of users, which all members must judge alike';
const PEERS = 'decides with whom a member can talk, and members must be able to talk to each other';
const CLIENTS = 'decides what clients may do, and they may be at any member';
const LOGS = 'decides which directories the unit of every member may write';

const REASONS: ReadonlyMap<string, string> = new Map([
  ...['election-timeout', 'heartbeat-interval', 'pre-vote'].map((one) => [one, ELECTIONS] as const),
  ['quota-backend-bytes', 'has the whole cluster take no writes when the smallest of them is full'],
  ['auto-compaction-mode', COMPACTION],
  ['auto-compaction-retention', COMPACTION],
  ...['auth-token', 'auth-token-ttl', 'bcrypt-cost'].map((one) => [one, TOKENS] as const),
  ...['tls-min-version', 'tls-max-version', 'cipher-suites'].map((one) => [one, PEERS] as const),
  ['peer-skip-client-san-verification', PEERS],
  ...['max-request-bytes', 'max-txn-ops', 'enable-v2', 'enable-grpc-gateway'].map(
    (one) => [one, CLIENTS] as const,
  ),
  ...['cors', 'host-whitelist'].map((one) => [one, CLIENTS] as const),
  ...['log-output', 'log-outputs', 'enable-log-rotation', 'log-rotation-config-json'].map(
    (one) => [one, LOGS] as const,
  ),
]);

/** Why a flag must have one value on all members (etcd's own documentation, op-guide); undefined where it need not. */
export function whyAlike(flag: string): string | undefined {
  const name = flag.replace(/^experimental-/, '');
  return OF_ONE_MEMBER.has(name)
    ? undefined
    : (REASONS.get(name) ?? 'decides what the cluster does as a whole');
}
