import Table from 'cli-table3';
import { type CheckResult, isProblem } from '../check/verdict.ts';
import { nextText, problemData } from '../problem/render.ts';

const WORDS = { pass: 'Pass', warn: 'WARN', fail: 'FAIL' } as const;

/** The findings as a table, hosts that say the same in one row; below it what to do about those that do not pass. */
export function describeCheckResults(findings: readonly CheckResult[], inventory: string): string {
  const table = new Table({
    head: ['CHECK', 'RESULT', 'HOSTS', 'FOUND'],
    style: { head: [], border: [], compact: true },
    colWidths: [null, null, 24, 70],
    wordWrap: true,
  });
  for (const alike of grouped(findings, ({ kind, severity, sentence }) => [
    kind,
    severity === 'pass' ? severity : sentence,
  ])) {
    const [first] = alike;
    if (first === undefined) continue;
    const reasons = [...new Set(alike.map(({ sentence }) => sentence))].join('; ');
    table.push([first.kind, WORDS[first.severity], hostsOf(alike), reasons]);
  }
  const textOf = (finding: CheckResult) =>
    isProblem(finding) ? nextText(finding.next, inventory) : undefined;
  const remedies = grouped(findings.filter(isProblem), (one) => [one.kind, textOf(one) ?? '']).map(
    (alike) => {
      const [first] = alike;
      return `${first?.kind} (${hostsOf(alike)}): ${first && textOf(first)}`;
    },
  );
  return [table.toString(), ...remedies, summary(findings)].join('\n');
}

/** The findings for machines: what each says as in the table, and its problem as data. */
export function checkResultsData(
  findings: readonly CheckResult[],
  inventory: string,
): readonly Readonly<Record<string, unknown>>[] {
  return findings.map((one) => {
    const { kind, about, severity, sentence } = one;
    const told = { check: kind, host: about.join(' '), verdict: severity, reason: sentence };
    return isProblem(one)
      ? { ...told, remedy: nextText(one.next, inventory), ...problemData(one, inventory) }
      : told;
  });
}

function summary(findings: readonly CheckResult[]): string {
  const count = (wanted: CheckResult['severity']) =>
    findings.filter(({ severity }) => severity === wanted).length;
  return `${count('pass')} pass, ${count('warn')} warn, ${count('fail')} fail`;
}

/** Findings with the same key, in the order of checks. */
function grouped(
  findings: readonly CheckResult[],
  keyOf: (finding: CheckResult) => readonly string[],
): readonly (readonly CheckResult[])[] {
  const checks = [...new Set(findings.map(({ kind }) => kind))];
  const inOrder = checks.flatMap((name) => findings.filter(({ kind }) => kind === name));
  const groups = new Map<string, CheckResult[]>();
  for (const finding of inOrder) {
    const key = JSON.stringify(keyOf(finding));
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()];
}

function hostsOf(findings: readonly CheckResult[]): string {
  return findings.map(({ about }) => about.join(' ')).join(' ');
}
