/** What takes the place of a part of a text. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all of these made; none reaches into another. */
export function edited(text: string, edits: readonly Edit[]): string {
  return edits
    .toSorted((one, other) => other.start - one.start)
    .reduce((so, { start, end, text: part }) => so.slice(0, start) + part + so.slice(end), text);
}

/** The lines of a part of a text, with the end of the last. */
export function lineOf(text: string, start: number, end: number): Pick<Edit, 'start' | 'end'> {
  const next = text.indexOf('\n', end);
  return {
    start: text.lastIndexOf('\n', start - 1) + 1,
    end: next === -1 ? text.length : next + 1,
  };
}

/** A value as YAML has it, in quotes where it would be read as something else or end there. */
export function written(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return /^[A-Za-z/][\w./=-]*$/.test(value) && !/^(true|false|null|yes|no)$/i.test(value)
    ? value
    : `'${value.replaceAll("'", "''")}'`;
}
