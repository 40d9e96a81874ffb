import { Failure } from '../../failure/failure.ts';
import type { Result } from '../../host/host.ts';
import type { V2Check } from '../../plan/upgrading/v2-check.ts';
import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';
import { type Command, sh } from '../../shell/command.ts';

const UP = provision('up', INVENTORY);

/** What the shell ends with where a stopped member has something left of the v2 API, or where that cannot be told. */
export const LEFT_OF_V2 = 96;

/** Has the tool look into store and log of a stopped member, as the account that owns them (upgrade_3_6.md). */
export function checkV2({ tool, data, account }: V2Check): Command {
  return sh`runuser -u ${account} -- ${tool} check v2store --data-dir ${data} || exit ${LEFT_OF_V2}`;
}

/** What a member has left of the v2 API, as the failure of its upgrade: it has been stopped and not started yet. */
export function leftOfV2(host: string, { stdout, stderr }: Pick<Result, 'stdout' | 'stderr'>) {
  const said = `${stdout}${stderr}`.trim();
  const isInLog = /in (both v2store and )?WAL records/.test(said);
  const isInStore = /in (both )?v2store/.test(said) && !/No custom content/.test(said);
  if (!isInLog && !isInStore)
    return new Failure('failed', `${host}: its data could not be searched for the v2 API`, {
      log: said,
      next: [remedy`see what etcdutl check v2store says in the log of this run`],
    });
  const where = [...(isInStore ? ['its store'] : []), ...(isInLog ? ['its log'] : [])].join(
    ' and ',
  );
  return new Failure(
    'failed',
    `${host}: ${where} holds what was written through the v2 API, with which the next minor version does not start`,
    {
      log: said,
      next: [
        remedy`with the present etcd.version: copy what is still needed to the v3 API and remove every key of the v2 API through it; set snapshot-count: 1 in etcd.settings, ${UP}, write a few keys, so that the log begins behind them; take enable-v2 and snapshot-count out, ${UP}; then upgrade`,
      ],
    },
  );
}
