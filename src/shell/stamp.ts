/** The time in UTC as names of files and directories bear it: 20261121T100000Z. */
export function stamp(time: Date): string {
  return time.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}
