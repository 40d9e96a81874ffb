import { uploadBinary } from '../binaries/upload.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { isMaintenanceStep } from '../plan/maintaining/maintenance-step.ts';
import { isMembershipStep } from '../plan/membership-step.ts';
import type { HostStep } from '../plan/step.ts';
import { octal } from '../plan/step-words.ts';
import { lines, sh } from '../shell/command.ts';
import { certifyHostKey } from './certificates/certify-host-key.ts';
import { installConsumer, reloadConsumer } from './certificates/consumer.ts';
import {
  installCertificates,
  memberHolder,
  restoreCertificates,
} from './certificates/install-certificates.ts';
import { installPairs, restorePairs } from './certificates/install-pairs.ts';
import { memberCertificates } from './certificates/member-certificates.ts';
import { probeListeners } from './certificates/probe-member.ts';
import { tryNextLeaf } from './certificates/try-next-leaf.ts';
import { noteConnections } from './clients/note-connections.ts';
import { watchClients } from './clients/watch-clients.ts';
import { keepFormer, putFormerBack } from './files/former-files.ts';
import { moveAside } from './files/move-aside.ts';
import { purgeHost, removeUnused } from './files/purge.ts';
import { recordLog } from './files/record-log.ts';
import { writeOwnFiles } from './files/write-own-files.ts';
import { performMaintenance } from './maintaining/perform-maintenance.ts';
import { performMembership } from './membership/perform-membership.ts';
import { rebootHost } from './rebooting/reboot-host.ts';
import { performBackup } from './restoring/perform-backup.ts';
import type { StepContext } from './step-context.ts';
import { awaitAndRecord } from './units/await-and-record.ts';
import { awaitPeer } from './units/await-peer.ts';
import { disableUnit } from './units/disable-unit.ts';
import { enableUnit } from './units/enable-unit.ts';
import { guardUnit, unguardUnit } from './units/guard-unit.ts';
import { requireNotTakenUp } from './units/require-not-taken-up.ts';
import { restartUnit, startUnit } from './units/start-unit.ts';
import { yieldLeadership } from './units/yield-leadership.ts';
import { cancelDowngrade, enableDowngrade } from './upgrading/downgrade.ts';
import type { Watch } from './watch.ts';

/** Does one step on a host, deciding nothing. Throws a Failure. */
export async function performOnHost(
  step: HostStep,
  host: Host,
  site: StepContext,
  watch: Watch,
): Promise<void> {
  if (isMembershipStep(step)) return performMembership(step, host, site, watch);
  if (isMaintenanceStep(step)) return performMaintenance(step, host, site);
  switch (step.kind) {
    case 'prepare-host':
      await must(
        host,
        `make account ${step.account} and its directories`,
        lines([
          sh`set -eu
getent passwd ${step.account} >/dev/null || useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin ${step.account}`,
          ...step.directories.map(
            ({ path, mode, owner, whole }) => sh`mkdir -p ${path}
${whole === true ? sh`chown -R ${owner} ${path}/.` : sh`chown ${owner} ${path}`}
chmod ${octal(mode)} ${path}`,
          ),
        ]),
      );
      return;
    case 'write-files':
      return writeOwnFiles(host, step.files);
    case 'certify-host-key':
      return certifyHostKey(step, host, site);
    case 'install-certificates':
      return installCertificates(
        host,
        step.link,
        memberHolder(step.account),
        await memberCertificates(step, site.store),
      );
    case 'upload': {
      let sent = 0;
      const { binary, directory, former, trial, unit } = step;
      const onBytes = (bytes: number) => {
        sent += bytes;
        watch.onBytes(sent, binary.size);
      };
      return uploadBinary(host, directory, binary, {
        ...{ onBytes, trial },
        ...(watch.signal && { signal: watch.signal }),
        replaces: { sha256: former, unit },
      });
    }
    case 'keep-former':
      return keepFormer(host, step);
    case 'put-former-back':
      return putFormerBack(host, step);
    case 'install-pairs':
      return installPairs(host, step, site.store);
    case 'restore-pairs':
      return restorePairs(host, step);
    case 'guard-unit':
      return guardUnit(host, step);
    case 'unguard-unit':
      return unguardUnit(host, step);
    case 'point-link':
      await must(
        host,
        `point ${step.link} at ${step.target}`,
        sh`ln -sfn ${step.target} ${step.link}.provision-new && mv -fT ${step.link}.provision-new ${step.link}`,
      );
      return;
    case 'remove-unused':
      await must(
        host,
        `remove ${step.paths.join(', ')}`,
        removeUnused(step.cluster, step.bin, step.paths, step.paths),
        { deadline: 120 },
      );
      return;
    case 'enable-unit':
      return enableUnit(host, step.unit);
    case 'require-not-taken-up':
      return requireNotTakenUp(step, site);
    case 'enable-downgrade':
      return enableDowngrade(host, step);
    case 'cancel-downgrade':
      return cancelDowngrade(host, step);
    case 'await-peer':
      return awaitPeer(step, site, watch.signal);
    case 'start-unit':
      return startUnit(host, step);
    case 'restart-unit':
      return restartUnit(host, step, site);
    case 'await-ready': {
      const { unit, log, emptyStart = false } = step;
      return awaitAndRecord(host, log, { unit, emptyStart }, site.timeout, watch.signal);
    }
    case 'yield-leadership':
      return yieldLeadership(host, step, site.store);
    case 'stop-unit':
      await must(host, `stop ${step.unit}.service`, sh`systemctl stop ${step.unit}.service`, {
        deadline: 120,
      });
      return;
    case 'reboot-host':
      return rebootHost(step, host, site, watch.signal);
    case 'disable-unit':
      return disableUnit(host, step.unit);
    case 'purge':
      return purgeHost(host, step.purge);
    case 'record-log':
      return recordLog(host, step.log, step.member);
    case 'move-aside':
      return moveAside(host, step.path, step.logs);
    case 'install-consumer':
      return installConsumer(step.consumer, host, site.store);
    case 'reload-consumer':
      return reloadConsumer(host, step.reload, step.directory);
    case 'restore-certificates':
      return restoreCertificates(host, step.link, step.target);
    case 'probe-listeners':
      return probeListeners(step, host, site);
    case 'note-connections':
      return noteConnections(host, step);
    case 'watch-clients':
      return watchClients(step, host, watch.signal);
    case 'try-next-leaf':
      return tryNextLeaf(step, host, site, watch.signal);
    default:
      return performBackup(step, host, site, watch);
  }
}
