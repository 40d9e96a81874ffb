import {
  type DesiredConsumer,
  OWNER,
  ownerLine,
  RELOADED,
  type Reload,
} from '../../desired/consumers.ts';
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
 * Has what uses the files take up the new ones, and records that beside them; a unit that does not run is left alone, and
 * nothing is recorded. Throws a HostError when the unit does not survive, or the command fails.
 */
export async function reloadConsumer(host: Host, reload: Reload, directory: string): Promise<void> {
  const told = `${directory}/${RELOADED}`;
  if ('unit' in reload) return reloadUnit(host, reload.unit, told);
  const { command } = reload;
  await must(host, `run ${command}`, sh`sh -c ${command} && touch ${told}`, { deadline: 180 });
}

async function reloadUnit(host: Host, unit: string, told: string): Promise<void> {
  await must(
    host,
    `reload ${unit}`,
    sh`set -eu
case $(systemctl is-active ${unit} || true) in active | reloading | activating) ;; *) exit 0 ;; esac
systemctl try-reload-or-restart ${unit}
[ "$(systemctl is-active ${unit})" != failed ] || { echo ${`${unit} failed after it was reloaded`} >&2; exit 1; }
touch ${told}`,
    { deadline: 180 },
  );
}
