import Table from 'cli-table3';
import type { PlacedCertificate } from './certificate-rows.ts';

const HEAD = ['HOLDER', 'CERTIFICATE', 'PLACE', 'EXPIRES', 'DAYS', 'CA', 'STATE'];

/** The rows as a table for people. */
export function describeCertificateRows(rows: readonly PlacedCertificate[]): string {
  if (rows.length === 0) return 'no certificate expires within that time';
  const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
  for (const { holder, certificate, place, expires, days, ca, trouble, note } of rows) {
    table.push([
      holder,
      certificate,
      place,
      expires?.slice(0, 10) ?? '-',
      days ?? '-',
      ca ?? '-',
      trouble ?? note ?? 'ok',
    ]);
  }
  return table.toString();
}

/** The rows in Prometheus' text format, for a node exporter's textfile directory. */
export function metrics(cluster: string, rows: readonly PlacedCertificate[]): string {
  const labels = ({ holder, certificate, place }: PlacedCertificate) =>
    `{cluster="${cluster}",holder="${holder}",certificate="${certificate}",place="${place}"}`;
  return [
    '# HELP provision_certificate_not_after_seconds When a certificate ends, in seconds since 1970.',
    '# TYPE provision_certificate_not_after_seconds gauge',
    ...rows.flatMap((row) =>
      row.expires === undefined
        ? []
        : [
            `provision_certificate_not_after_seconds${labels(row)} ${Date.parse(row.expires) / 1000}`,
          ],
    ),
    '# HELP provision_certificate_ok Whether a certificate is what the store says, and readable.',
    '# TYPE provision_certificate_ok gauge',
    ...rows.map(
      (row) => `provision_certificate_ok${labels(row)} ${row.trouble === undefined ? 1 : 0}`,
    ),
    '',
  ].join('\n');
}
