import Table from 'cli-table3';
import type { Finding } from '../check/finding.ts';

const WORDS = { pass: 'Pass', warn: 'WARN', fail: 'FAIL' } as const;

/** The findings as a table, hosts that say the same in one row; below it what to do about those that do not pass. */
export function describeFindings(findings: readonly Finding[]): string {
  const table = new Table({
    head: ['CHECK', 'RESULT', 'HOSTS', 'FOUND'],
    style: { head: [], border: [], compact: true },
    colWidths: [null, null, 24, 70],
    wordWrap: true,
  });
  for (const alike of grouped(findings, ({ check, verdict, reason }) => [
    check,
    verdict === 'pass' ? verdict : reason,
  ])) {
    const [first] = alike;
    if (first === undefined) continue;
    const reasons = [...new Set(alike.map(({ reason }) => reason))].join('; ');
    table.push([first.check, WORDS[first.verdict], hostsOf(alike), reasons]);
  }
  const unfit = findings.filter(({ verdict, remedy }) => verdict !== 'pass' && remedy);
  const remedies = grouped(unfit, ({ check, remedy }) => [check, remedy ?? '']).map(
    (alike) => `${alike[0]?.check} (${hostsOf(alike)}): ${alike[0]?.remedy}`,
  );
  return [table.toString(), ...remedies, summary(findings)].join('\n');
}

function summary(findings: readonly Finding[]): string {
  const count = (wanted: Finding['verdict']) =>
    findings.filter(({ verdict }) => verdict === wanted).length;
  return `${count('pass')} pass, ${count('warn')} warn, ${count('fail')} fail`;
}

/** Findings with the same key, in the order of checks. */
function grouped(
  findings: readonly Finding[],
  keyOf: (finding: Finding) => readonly string[],
): readonly (readonly Finding[])[] {
  const checks = [...new Set(findings.map(({ check }) => check))];
  const inOrder = checks.flatMap((name) => findings.filter(({ check }) => check === name));
  const groups = new Map<string, Finding[]>();
  for (const finding of inOrder) {
    const key = JSON.stringify(keyOf(finding));
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

function hostsOf(findings: readonly Finding[]): string {
  return findings.map(({ host }) => host).join(' ');
}
