import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import type { BackupStep } from '../../plan/backup-step.ts';
import { sh } from '../../shell/command.ts';
import { uploadSnapshot } from '../../snapshot/upload.ts';
import type { StepContext } from '../step-context.ts';
import type { Watch } from '../watch.ts';
import { checkRestored } from './check-restored.ts';
import { checkUnchanged } from './check-unchanged.ts';
import { forgetAlarms } from './forget-alarms.ts';
import { restoreBeside } from './restore-beside.ts';
import { keepConfiguration, putDataBack, swapData } from './swap-data.ts';

/** Does one step of a restore or a schedule on a host, deciding nothing. Throws a Failure. */
export async function performBackup(
  step: BackupStep,
  host: Host,
  site: StepContext,
  watch: Watch,
): Promise<void> {
  switch (step.kind) {
    case 'upload-snapshot': {
      const { snapshot } = site;
      if (snapshot === undefined) throw new TypeError('there is no snapshot to bring');
      const onBytes = (sent: number) => watch.onBytes(sent, step.size);
      const { spaceBeside } = step;
      const { signal } = watch;
      return uploadSnapshot(host, step.to, step.owner, snapshot, { spaceBeside, onBytes, signal });
    }
    case 'restore-beside':
      return restoreBeside(host, step);
    case 'keep-configuration':
      return keepConfiguration(host, step.places, step.files);
    case 'swap-data':
      return swapData(host, step.places, step.account);
    case 'put-data-back':
      return putDataBack(host, step.places, step.files, step.isRestored);
    case 'check-unchanged':
      return checkUnchanged(host, step.own, step.revision);
    case 'forget-alarms':
      return forgetAlarms(host, step.own, step.ended);
    case 'check-restored':
      return checkRestored(host, step);
    case 'remove':
      // In turn: the record of what was begun goes last.
      await must(
        host,
        `remove ${step.paths.join(', ')}`,
        sh`for path in ${step.paths}; do rm -rf "$path" || exit; done`,
        { deadline: 300 },
      );
      return;
    case 'start-timer':
      await must(
        host,
        `start ${step.timer}`,
        sh`systemctl daemon-reload && systemctl enable --quiet ${step.timer} && systemctl restart ${step.timer}`,
      );
      return;
    case 'remove-timer':
      await must(
        host,
        `stop ${step.timer}`,
        sh`systemctl disable --quiet --now ${step.timer} 2>/dev/null; rm -f ${step.paths} && systemctl daemon-reload; systemctl reset-failed --quiet ${step.timer.replace('.timer', '.service')} 2>/dev/null || true`,
      );
      return;
    default:
      step satisfies never;
  }
}
