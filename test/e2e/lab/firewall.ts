import type { LabHost } from '../../../src/lab/host.ts';
import { sh } from '../../../src/shell/command.ts';
import { doInside } from './sabotage.ts';

/** Adds a rule for what comes in, as somebody writes one into the firewall of the host (nft). */
export async function filter(host: LabHost, rule: string): Promise<void> {
  const lines = [
    'add table inet hand',
    'add chain inet hand input { type filter hook input priority -10; }',
    `add rule inet hand input ${rule}`,
    '',
  ];
  await doInside(host, sh`nft -f -`, lines.join('\n'));
}

/** Takes all of these rules away. */
export async function filterNothing(host: LabHost): Promise<void> {
  await doInside(host, sh`nft delete table inet hand`);
}
