import type { Finding } from './doctor-findings.ts';

/** The findings for a person: what, the lines that show it, what to do. */
export function describeFindings(cluster: string, findings: readonly Finding[]): string {
  if (findings.length === 0) return `${cluster}: nothing wrong found`;
  return findings
    .flatMap(({ about, cause, evidence, next }) => [
      `${about}: ${cause.replace(`${about}: `, '')}`,
      ...evidence.map((line) => `    | ${line.slice(0, 300)}`),
      `    next: ${next}`,
    ])
    .join('\n');
}
