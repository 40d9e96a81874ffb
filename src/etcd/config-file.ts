import { plainLines } from '../yaml/plain-lines.ts';
import { availabilityOf } from './flags.ts';
import type { GivenSetting } from './flags-given.ts';
import { hasNamesInYaml } from './versions.ts';

/** What etcd makes of its YAML file. */
export interface ConfigFile {
  readonly settings: readonly GivenSetting[];
  /** Keys that it passes over without a word. */
  readonly ignored: readonly { readonly key: string; readonly place: string }[];
  /** Why it is no YAML: a start by it would end at once. */
  readonly mistakes: readonly { readonly message: string; readonly place: string }[];
}

/** The flags of keys below others (embed/config.go, securityConfig and SocketOpts). */
const SECTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'client-transport-security': security('', 'client'),
  'peer-transport-security': security('peer-', 'peer'),
  'socket-options': {
    'reuse-address': 'socket-reuse-address',
    'reuse-port': 'socket-reuse-port',
  },
};

/** Keys at the top that have another name than their flag. */
const OTHERWISE: Readonly<Record<string, string>> = {
  'experimental-snapshot-catch-up-entries': 'experimental-snapshot-catchup-entries',
};

/** Flags that are no keys at the top, whatever their version: they stand in a section, or cannot be said in YAML. */
const NO_KEYS: readonly RegExp[] = [
  /^(peer-)?(cert-file|key-file|trusted-ca-file|ca-file|client-cert-auth|auto-tls|crl-file)$/,
  /^(peer-)?client-(cert|key)-file$|^client-crl-file$|^(client|peer)-cert-allowed-/,
  /^(config-file|version|proxy|proxy-.*|discovery-(?!srv|proxy$).*|peer-skip-client-san-verification)$/,
  /^(raft-(read|write)-timeout|socket-reuse-.*|experimental-snapshot-catchup-entries)$/,
];

/** The settings in a YAML file, for a version of etcd: it reads nothing beside it, not even flags (embed ConfigFromFile). */
export function readConfigFile(text: string, path: string, version: string): ConfigFile {
  const settings: GivenSetting[] = [];
  const ignored: { key: string; place: string }[] = [];
  const { lines, mistakes } = plainLines(text);
  for (const { keys, value, line } of lines) {
    const place = `${path}:${line}`;
    if (keys.length === 1 && SECTIONS[keys[0] ?? ''] !== undefined) continue;
    const flag = flagOfKey(keys, version);
    if (flag === undefined) ignored.push({ key: keys.join('.'), place });
    else if (value !== '') settings.push({ flag, value: inGo(flag, value), by: 'file', place });
  }
  const told = mistakes.map(({ message, line }) => ({ message, place: `${path}:${line}` }));
  return { settings, ignored, mistakes: told };
}

function flagOfKey([top = '', inner, ...deeper]: readonly string[], version: string) {
  const section = SECTIONS[top];
  if (deeper.length > 0 || (section === undefined && inner !== undefined)) return undefined;
  const flag = section === undefined ? (OTHERWISE[top] ?? top) : section[inner ?? ''];
  if (flag === undefined) return undefined;
  if (
    section === undefined &&
    NO_KEYS.some((one) => one.test(flag)) &&
    OTHERWISE[top] === undefined
  )
    return undefined;
  if (inner?.startsWith('allowed-') && !hasNamesInYaml(version)) return undefined;
  return availabilityOf(flag, version).kind === 'available' ? flag : undefined;
}

// A duration is a number of nanoseconds in YAML.
function inGo(flag: string, value: string): string {
  const isDuration = /-(time|interval|timeout|duration)$/.test(flag) && /^\d{7,}$/.test(value);
  return isDuration ? `${Number(value) / 1e6}ms` : value;
}

function security(prefix: string, who: string): Readonly<Record<string, string>> {
  const keys = ['cert-file', 'key-file', 'client-cert-file', 'client-key-file'];
  return {
    ...Object.fromEntries(
      [...keys, 'trusted-ca-file', 'client-cert-auth', 'auto-tls'].map((key) => [
        key,
        `${prefix}${key}`,
      ]),
    ),
    'allowed-cn': 'peer-cert-allowed-cn',
    'allowed-hostname': `${who}-cert-allowed-hostname`,
    'skip-client-san-verification': 'peer-skip-client-san-verification',
  };
}
