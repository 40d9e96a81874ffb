import { type DesiredConsumer, OWNER, ownerLine, RELOADED } from '../../desired/consumers.ts';
import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { readTrust } from '../../pki/ca/ca-rotation.ts';
import { readInstalledPair } from '../../pki/store/installed-pair.ts';
import { sh } from '../../shell/command.ts';
import { installCertificates } from './install-certificates.ts';

/** Brings a consumer its pair and the CA bundle, swapped as one. Throws a HostError when the host does not do it. */
export async function installConsumer(
  { name, cluster, certificate, directory, keyOwner, keyMode, keys }: DesiredConsumer,
  host: Host,
  store: string,
): Promise<void> {
  const [pair, ca] = await Promise.all([
    readInstalledPair(store, { id: `${name}/${certificate}`, keyPlace: keys.place }),
    readTrust(store),
  ]);
  const holder = { directoryGroup: 'root', directoryMode: 0o755, keyOwner, keyMode };
  const pairs = new Map([[certificate, pair]]);
  const owner = { name: OWNER, content: ownerLine(cluster) };
  const files = { trust: new Map([['ca.crt', ca]]), pairs, keys: keys.directory, owner };
  await installCertificates(host, directory, holder, files);
}

/**
 * Has a running unit take up its new files and records that beside them; one that does not run is left alone, and nothing
 * is recorded. Throws a HostError when it does not survive.
 */
export async function reloadUnit(host: Host, unit: string, directory: string): Promise<void> {
  await must(
    host,
    `reload ${unit}`,
    sh`set -eu
case $(systemctl is-active ${unit} || true) in active | reloading | activating) ;; *) exit 0 ;; esac
systemctl try-reload-or-restart ${unit}
[ "$(systemctl is-active ${unit})" != failed ] || { echo ${`${unit} failed after it was reloaded`} >&2; exit 1; }
touch ${`${directory}/${RELOADED}`}`,
    { deadline: 180 },
  );
}
