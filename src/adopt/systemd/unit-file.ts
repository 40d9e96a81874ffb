/** A line of a unit or of a drop-in. */
export interface Directive {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly file: string;
  /** From 1, where it begins. */
  readonly line: number;
}

/** A text file of a host. */
export interface UnitText {
  readonly path: string;
  readonly text: string;
}

/** Every directive of a unit and its drop-ins in the order in which systemd applies them, without what an empty one takes back. */
export function directivesOf(files: readonly UnitText[]): readonly Directive[] {
  const all = files.flatMap(readUnitFile);
  const isSame = (one: Directive, other: Directive) =>
    one.section === other.section && one.key === other.key;
  return all.filter(
    (one, at) =>
      one.value !== '' &&
      !all.slice(at + 1).some((other) => other.value === '' && isSame(one, other)),
  );
}

/** The directives of one file: a line that ends with a backslash goes on, past comments, with a blank in its place (systemd.syntax(7)). */
export function readUnitFile({ path, text }: UnitText): readonly Directive[] {
  const found: Directive[] = [];
  let section = '';
  let open: { readonly text: string; readonly line: number } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const isComment = /^[ \t]*[#;]/.test(raw);
    if (isComment) continue;
    const begun = open ?? { text: '', line: index + 1 };
    if (/(^|[^\\])(\\\\)*\\$/.test(raw)) {
      open = { ...begun, text: `${begun.text}${raw.slice(0, -1)} ` };
      continue;
    }
    open = undefined;
    const whole = `${begun.text}${raw}`.trim();
    const [, name] = /^\[(.*)\]$/.exec(whole) ?? [];
    if (name !== undefined) section = name;
    const [, key, value] = /^([A-Za-z0-9-]+)[ \t]*=[ \t]*([\s\S]*)$/.exec(whole) ?? [];
    if (name === undefined && key !== undefined)
      found.push({ section, key, value: value ?? '', file: path, line: begun.line });
  }
  return found;
}
