import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path/posix';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { type RemoteFile, writeFiles } from '../../host/write-files.ts';
import type { InstalledPair } from '../../pki/store/installed-pair.ts';
import { type Command, lines, sh } from '../../shell/command.ts';
import { Secret } from '../../shell/secret.ts';

export interface InstalledCertificates {
  /** CA bundles and revocation lists, by file name. */
  readonly trust: ReadonlyMap<string, string | Buffer>;
  /** By what their files are called: server, peer, healthcheck-client. */
  readonly pairs: ReadonlyMap<string, InstalledPair>;
  /** Where the host keeps keys it has made until they are installed. */
  readonly keys: string;
  /** A file that says whose they are, where nothing beside them does. */
  readonly owner?: { readonly name: string; readonly content: string };
}

/** Who may read what is installed; certificates themselves are public. */
export interface Holder {
  readonly directoryGroup: string;
  readonly directoryMode: number;
  /** `user:group` */
  readonly keyOwner: string;
  readonly keyMode: number;
}

/** On a member only the account that runs etcd gets at the certificates. */
export function memberHolder(account: string): Holder {
  const keyOwner = `${account}:${account}`;
  return { directoryGroup: account, directoryMode: 0o750, keyOwner, keyMode: 0o600 };
}

/**
 * Puts certificates into a directory of their own and swaps the link to it by one rename, so that etcd, which
 * reads certificate and key separately at each handshake, never sees a mixed pair. Keeps the directory that was in use
 * before and removes older ones, since they hold keys. Throws a HostError when the host does not do it.
 */
export async function installCertificates(
  host: Host,
  link: string,
  { directoryGroup, directoryMode, keyOwner, keyMode }: Holder,
  certificates: InstalledCertificates,
): Promise<void> {
  const directory = `${link}.${digest(certificates)}`;
  const files: readonly RemoteFile[] = [
    ...[...certificates.trust].map(([name, content]) => ({
      ...{ path: `${directory}/${name}`, content, mode: 0o644, owner: 'root:root' },
    })),
    ...(certificates.owner === undefined
      ? []
      : [
          {
            path: `${directory}/${certificates.owner.name}`,
            content: certificates.owner.content,
            mode: 0o644,
            owner: 'root:root',
          },
        ]),
    ...[...certificates.pairs].flatMap(([name, { certificate, key }]) => [
      { path: `${directory}/${name}.crt`, content: certificate, mode: 0o644, owner: 'root:root' },
      ...(key instanceof Secret
        ? [{ path: `${directory}/${name}.key`, content: key, mode: keyMode, owner: keyOwner }]
        : []),
    ]),
  ];
  const bundles = [...certificates.trust.keys()].filter((name) => name.endsWith('.crt'));
  const kept = [...certificates.pairs].flatMap(([name, { key }]) =>
    key instanceof Secret ? [] : [{ name, sha256: key.sha256, theirs: key.madeByOthers }],
  );

  await writeFiles(host, files, {
    purpose: `install certificates behind ${link}`,
    before: lines([
      sh`${keepCas(link, bundles)}
(umask 022; mkdir -p ${directory})
chown ${`root:${directoryGroup}`} ${directory}
chmod ${directoryMode.toString(8)} ${directory}`,
      ...kept.map(({ name, sha256, theirs }) => {
        const ours = sh`${certificates.keys}/${name}.key ${link}/${name}.key ${link}.*/${name}.key`;
        const places = theirs === undefined ? ours : sh`${ours} ${theirs}`;
        const key = `${directory}/${name}.key`;
        return takeKey({ places, sha256, key, mode: keyMode.toString(8), owner: keyOwner });
      }),
    ]),
    after: lines([swap(link, directory, bundles), sh`rm -rf ${certificates.keys}`]),
  });
}

interface KeptKey {
  /** Where the host may have it, as words of a shell. */
  readonly places: Command;
  readonly sha256: string;
  /** Where it goes. */
  readonly key: string;
  readonly mode: string;
  readonly owner: string;
}

// Copied, not moved: a run that is killed here finds it where it was.
function takeKey({ places, sha256, key, mode, owner }: KeptKey): Command {
  return sh`found=
for key in ${places}; do
  [ ! -f "$key" ] || [ "$(sha256sum < "$key")" != ${`${sha256}  -`} ] || { found=$key; break; }
done
[ -n "$found" ] || { echo ${`${basename(key)}: this host does not have the key of its certificate any more`} >&2; exit 1; }
rm -f ${key}.provision-new
cp "$found" ${key}.provision-new
chown ${owner} ${key}.provision-new
chmod ${mode} ${key}.provision-new
sync ${key}.provision-new
mv -fT ${key}.provision-new ${key}`;
}

// Files may be repaired in the directory in use, so former CA files are set aside with their times.
function keepCas(link: string, bundles: readonly string[]) {
  return sh`for bundle in ${bundles}; do
  rm -f ${link}."$bundle"-before
  [ ! -f ${link}/"$bundle" ] || cp -p ${link}/"$bundle" ${link}."$bundle"-before
done`;
}

// The time of a CA file is kept where its content is: it tells whether a running etcd, which reads CA files only at its
// start, has this one. A former directory that is not a link (made by hand) is moved aside, not deleted.
function swap(link: string, directory: string, bundles: readonly string[]) {
  return sh`set -eu
for bundle in ${bundles}; do
  former=${link}."$bundle"-before
  if cmp -s "$former" ${directory}/"$bundle"; then touch -r "$former" ${directory}/"$bundle"; fi
  rm -f "$former"
done
before=$(readlink ${link} || true)
if [ -d ${link} ] && [ ! -L ${link} ]; then mv -T ${link} ${link}.before-$(date -u +%Y%m%dT%H%M%SZ); fi
if [ -n "$before" ] && [ "\${before##*/}" != ${basename(directory)} ]; then ln -sfn "$before" ${link}.former; fi
ln -sfn ${basename(directory)} ${link}.provision-new
mv -fT ${link}.provision-new ${link}
sync ${dirname(link)}
for old in ${link}.*; do
  case "$old" in *.before-* | *.former) continue ;; esac
  [ -d "$old" ] && [ "$old" != ${directory} ] && [ "\${old##*/}" != "$(readlink ${link}.former)" ] && rm -rf "$old"
done
true`;
}

/**
 * Swaps the link back to the directory it pointed at, or to the one in use before the last swap where that is gone. Throws a
 * HostError when there is neither.
 */
export async function restoreCertificates(host: Host, link: string, target = ''): Promise<void> {
  await must(
    host,
    `put ${link} back`,
    sh`set -eu
cd ${dirname(link)}
former=${target}
[ "$(readlink ${link})" != "$former" ] || exit 0
[ -n "$former" ] && [ -d "$former" ] || former=$(readlink ${link}.former)
[ -d "$former" ]
ln -sfn "$former" ${link}.provision-new
mv -fT ${link}.provision-new ${link}
sync .`,
  );
}

function digest({ trust, pairs }: InstalledCertificates): string {
  const hash = createHash('sha256');
  for (const content of trust.values()) hash.update(content);
  for (const [name, { certificate }] of pairs) hash.update(name).update(certificate);
  return hash.digest('hex').slice(0, 12);
}
