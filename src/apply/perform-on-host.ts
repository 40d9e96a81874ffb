import { uploadBinary } from '../binaries/upload.ts';
import { type OwnPlaces, ownEtcd } from '../desired/access.ts';
import { readEndpointStatus, readMemberList } from '../etcd/answers.ts';
import { ownEtcdctl } from '../etcd/own-endpoint.ts';
import type { Host } from '../host/host.ts';
import { must } from '../host/host-error.ts';
import { isMaintenanceStep } from '../plan/maintaining/maintenance-step.ts';
import { isMembershipStep } from '../plan/membership-step.ts';
import type { HostStep } from '../plan/step.ts';
import { octal } from '../plan/step-words.ts';
import { lines, sh } from '../shell/command.ts';
import { awaitPeer } from './await-peer.ts';
import { awaitReady } from './await-ready.ts';
import { certifyHostKey } from './certify-host-key.ts';
import { installConsumer, reloadUnit } from './consumer.ts';
import { disableUnit } from './disable-unit.ts';
import { enableUnit } from './enable-unit.ts';
import { installCertificates, memberHolder, restoreCertificates } from './install-certificates.ts';
import { memberCertificates } from './member-certificates.ts';
import { moveAside } from './move-aside.ts';
import { noteConnections } from './note-connections.ts';
import { performBackup } from './perform-backup.ts';
import { performMaintenance } from './perform-maintenance.ts';
import { performMembership } from './perform-membership.ts';
import { probeListeners } from './probe-member.ts';
import { purgeHost, removeUnused } from './purge.ts';
import { recordLog, recordLogIfPossible } from './record-log.ts';
import { requireNotTakenUp } from './require-not-taken-up.ts';
import { restartUnit, startUnit } from './start-unit.ts';
import type { StepContext } from './step-context.ts';
import { tryNextLeaf } from './try-next-leaf.ts';
import type { Watch } from './watch.ts';
import { watchClients } from './watch-clients.ts';
import { writeOwnFiles } from './write-own-files.ts';

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
${whole === true ? sh`chown -R` : sh`chown`} ${owner} ${path}
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
    case 'await-peer':
      return awaitPeer(step, site, watch.signal);
    case 'start-unit':
      return startUnit(host, step);
    case 'restart-unit':
      return restartUnit(host, step);
    case 'await-ready':
      await awaitReady(
        host,
        { unit: step.unit, wal: step.log.wal, emptyStart: step.emptyStart === true },
        site.timeout,
        watch.signal,
      );
      return recordLogIfPossible(host, step.log, host.name);
    case 'yield-leadership':
      return yieldLeadership(host, step.own);
    case 'stop-unit':
      await must(host, `stop ${step.unit}.service`, sh`systemctl stop ${step.unit}.service`, {
        deadline: 120,
      });
      return;
    case 'disable-unit':
      return disableUnit(host, step.unit);
    case 'purge':
      return purgeHost(host, step.purge);
    case 'record-log':
      return recordLog(host, step.log, step.member);
    case 'move-aside':
      return moveAside(host, step.path);
    case 'install-consumer':
      return installConsumer(step.consumer, host, site.store);
    case 'reload-unit':
      return reloadUnit(host, step.unit, step.directory);
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

/** Moves leadership from this member to another voter, if this member leads. */
async function yieldLeadership(host: Host, places: OwnPlaces): Promise<void> {
  const own = ownEtcd(places);
  const ask = (...args: string[]) => host.run(ownEtcdctl(own, args));
  const [status, list] = await Promise.all([
    ask('endpoint', 'status', '-w', 'json'),
    ask('member', 'list', '-w', 'json'),
  ]);
  // A member that does not answer leads nobody.
  if (status.exitCode !== 0 || list.exitCode !== 0) return;

  const [mine] = readEndpointStatus(status.stdout);
  if (mine === undefined || mine.leader !== mine.memberId) return;
  const successor = readMemberList(list.stdout).members.find(
    ({ id, name, isLearner }) => id !== mine.memberId && name !== '' && !isLearner,
  );
  if (successor === undefined) return;
  await must(host, 'hand leadership over', ownEtcdctl(own, ['move-leader', successor.id]));
}
