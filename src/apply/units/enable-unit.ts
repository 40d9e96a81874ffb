import type { Host } from '../../host/host.ts';
import { must } from '../../host/host-error.ts';
import { sh } from '../../shell/command.ts';

/** What systemd says of a unit whose present file it knows, and which starts at boot. */
const KNOWN = ['UnitFileState=enabled', 'NeedDaemonReload=no'];

/**
 * Has the unit started at boot, and its file read. To read all unit files again costs a host 0.15 s of processor time,
 * and systemd reads by itself the file of a unit it has not heard of, so it is asked first. Throws a Failure.
 */
export async function enableUnit(host: Host, unit: string): Promise<void> {
  const properties = sh`--property=FragmentPath,UnitFileState,NeedDaemonReload`;
  const known = [`FragmentPath=/etc/systemd/system/${unit}.service`, ...KNOWN];
  await must(
    host,
    `enable ${unit}.service`,
    sh`systemctl enable --quiet --no-reload ${unit}.service || exit
said=$(systemctl show ${properties} ${unit}.service)
for one in ${known}; do
  case "
$said
" in *"
$one
"*) ;; *) exec systemctl daemon-reload ;; esac
done`,
  );
}
