import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path/posix';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { type RemoteFile, writeFiles } from '../host/write-files.ts';
import type { CertificatePair } from '../pki/store.ts';
import { sh } from '../shell/command.ts';

export interface InstalledCertificates {
  readonly ca: string;
  /** The revocation list, DER: etcd 3.6 refuses every connection when it is PEM. */
  readonly crl: Buffer | undefined;
  /** By what their files are called: server, peer, healthcheck-client. */
  readonly pairs: ReadonlyMap<string, CertificatePair>;
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
    { path: `${directory}/ca.crt`, content: certificates.ca, mode: 0o644, owner: 'root:root' },
    ...(certificates.crl === undefined
      ? []
      : [
          {
            path: `${directory}/ca.crl`,
            content: certificates.crl,
            mode: 0o644,
            owner: 'root:root',
          },
        ]),
    ...[...certificates.pairs].flatMap(([name, { certificate, key }]) => [
      { path: `${directory}/${name}.crt`, content: certificate, mode: 0o644, owner: 'root:root' },
      { path: `${directory}/${name}.key`, content: key, mode: keyMode, owner: keyOwner },
    ]),
  ];

  await writeFiles(host, files, {
    purpose: `install certificates behind ${link}`,
    before: sh`${keepCa(link)}
(umask 022; mkdir -p ${directory})
chown ${`root:${directoryGroup}`} ${directory}
chmod ${directoryMode.toString(8)} ${directory}`,
    after: swap(link, directory),
  });
}

// Files may be mended in the directory in use, so the former CA file is set aside with its time.
function keepCa(link: string) {
  return sh`rm -f ${link}.ca-before; [ ! -f ${link}/ca.crt ] || cp -p ${link}/ca.crt ${link}.ca-before`;
}

// The time of ca.crt is kept where its content is: it tells whether a running etcd, which reads CA files only at its
// start, has this one. A former directory that is no link (made by hand) is moved aside, not deleted.
function swap(link: string, directory: string) {
  return sh`set -eu
former=${link}.ca-before
if cmp -s "$former" ${directory}/ca.crt; then touch -r "$former" ${directory}/ca.crt; fi
rm -f "$former"
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

/** Swaps the link back to the directory that was in use before the last swap. Throws a HostError when there is none. */
export async function restoreCertificates(host: Host, link: string): Promise<void> {
  await must(
    host,
    `put ${link} back`,
    sh`set -eu
former=$(readlink ${link}.former)
cd ${dirname(link)}
[ -d "$former" ]
ln -sfn "$former" ${link}.provision-new
mv -fT ${link}.provision-new ${link}
sync .`,
  );
}

function digest({ ca, crl, pairs }: InstalledCertificates): string {
  const hash = createHash('sha256')
    .update(ca)
    .update(crl ?? '');
  for (const [name, { certificate }] of pairs) hash.update(name).update(certificate);
  return hash.digest('hex').slice(0, 12);
}
