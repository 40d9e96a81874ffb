import type { MemberFacts } from '../../facts/member.ts';
import type { StartFact } from './start.ts';

/**
 * The ETCD_* variables a member's last start ran with: of its process while it runs, else as etcd repeats them into its
 * log at each start, else as its etcd.conf has them.
 */
export function settingsOf(
  { unit, conf }: Pick<MemberFacts, 'unit' | 'conf'>,
  { lines, environment }: Pick<StartFact, 'lines' | 'environment'>,
): ReadonlyMap<string, string> {
  const repeated = lines.flatMap(({ text }) => {
    const [, zapName, zapValue, name, value] =
      /used environment variable(?:","variable-name":"(\w+)","variable-value":"(.*?)"\}| (\w+)=(.*))/.exec(
        text,
      ) ?? [];
    const key = zapName ?? name;
    return key === undefined ? [] : [[key, unescaped(zapValue) ?? value ?? ''] as const];
  });
  const written = (conf?.content ?? '').split('\n').flatMap((row) => {
    const [, name, value] = /^(ETCD_[A-Z0-9_]+)="?(.*?)"?$/.exec(row) ?? [];
    return name === undefined ? [] : [[name, value ?? ''] as const];
  });
  // A process that has just been forked has no environment of its own yet.
  return new Map([...environment, ...written, ...repeated, ...(unit.process?.environment ?? [])]);
}

/** Files that etcd logs to besides its unit's journal. */
export function logFiles(settings: ReadonlyMap<string, string>): readonly string[] {
  const outputs = settings.get('ETCD_LOG_OUTPUTS') ?? settings.get('ETCD_LOG_OUTPUT') ?? '';
  return outputs
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one.startsWith('/'));
}

function unescaped(text: string | undefined): string | undefined {
  return text?.replaceAll('\\"', '"').replaceAll('\\\\', '\\');
}
