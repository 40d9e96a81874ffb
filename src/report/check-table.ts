import Table from 'cli-table3';
import { type Finding, objects } from '../check/finding.ts';
import { nextText, problemData } from '../problem/render.ts';

const WORDS = { pass: 'Pass', warn: 'WARN', fail: 'FAIL' } as const;

/** The findings as a table, hosts that say the same in one row; below it what to do about those that do not pass. */
export function describeFindings(findings: readonly Finding[], inventory: string): string {
  const table = new Table({
    head: ['CHECK', 'RESULT', 'HOSTS', 'FOUND'],
    style: { head: [], border: [], compact: true },
    colWidths: [null, null, 24, 70],
    wordWrap: true,
  });
  for (const alike of grouped(findings, ({ check, verdict, sentence }) => [
    check,
    verdict === 'pass' ? verdict : sentence,
  ])) {
    const [first] = alike;
    if (first === undefined) continue;
    const reasons = [...new Set(alike.map(({ sentence }) => sentence))].join('; ');
    table.push([first.check, WORDS[first.verdict], hostsOf(alike), reasons]);
  }
  const textOf = (finding: Finding) =>
    objects(finding) ? nextText(finding.next, inventory) : undefined;
  const remedies = grouped(findings.filter(objects), (one) => [one.check, textOf(one) ?? '']).map(
    (alike) => {
      const [first] = alike;
      return `${first?.check} (${hostsOf(alike)}): ${first && textOf(first)}`;
    },
  );
  return [table.toString(), ...remedies, summary(findings)].join('\n');
}

/** The findings for machines: what each says as in the table, and its problem as data. */
export function findingsData(
  findings: readonly Finding[],
  inventory: string,
): readonly Readonly<Record<string, unknown>>[] {
  return findings.map((one) => {
    const { check, about, verdict, sentence } = one;
    const told = { check, host: about.join(' '), verdict, reason: sentence };
    return objects(one)
      ? { ...told, remedy: nextText(one.next, inventory), ...problemData(one, inventory) }
      : told;
  });
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
  return findings.map(({ about }) => about.join(' ')).join(' ');
}
