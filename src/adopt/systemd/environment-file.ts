/** A variable that a file sets, and the line it begins in, from 1. */
export interface Assignment {
  readonly name: string;
  readonly value: string;
  readonly line: number;
}

/** What systemd makes of a file named by `EnvironmentFile=`. */
export interface EnvironmentFile {
  /** In the order of the file; the last of a name counts. */
  readonly assignments: readonly Assignment[];
  /** What it drops: the name is none of a variable, as in `export NAME=`. */
  readonly dropped: readonly Assignment[];
}

type State =
  | 'before key'
  | 'key'
  | 'before value'
  | 'value'
  | 'escape'
  | 'single'
  | 'double'
  | 'double escape'
  | 'comment'
  | 'comment escape';

/** From this version on an escaped line end does not go on with a comment. */
const COMMENTS_END = 254;

/**
 * The variables of a file as systemd reads it, which is not a shell's way: blanks around `=`, `;` before comments, lines
 * that go on behind a backslash, quotes at the beginning of a value only (src/basic/env-file.c, parse_env_file_internal).
 */
export function readEnvironmentFile(text: string, systemd: number): EnvironmentFile {
  const all: Assignment[] = [];
  let state: State = 'before key';
  let [key, value, from, line] = ['', '', 1, 1];
  const push = () => {
    all.push({ name: key.trimEnd(), value, line: from });
    [key, value] = ['', ''];
  };
  // Blanks behind a value count once something else follows.
  let blanks = '';
  for (const one of text) {
    const isEnd = one === '\n' || one === '\r';
    const isBlank = isEnd || one === ' ' || one === '\t';
    switch (state) {
      case 'before key':
        if (one === '#' || one === ';') state = 'comment';
        else if (!isBlank) [state, key, from] = ['key', one, line];
        break;
      case 'key':
        if (isEnd) [state, key] = ['before key', ''];
        else if (one === '=') state = 'before value';
        else key += one;
        break;
      case 'before value':
        if (isEnd) {
          state = 'before key';
          push();
        } else if (one === "'") state = 'single';
        else if (one === '"') state = 'double';
        else if (one === '\\') state = 'escape';
        else if (!isBlank) [state, value] = ['value', value + one];
        break;
      case 'value':
        if (isEnd) {
          [state, blanks] = ['before key', ''];
          push();
        } else if (one === '\\') [state, value, blanks] = ['escape', value + blanks, ''];
        else if (isBlank) blanks += one;
        else [value, blanks] = [value + blanks + one, ''];
        break;
      case 'escape':
        state = 'value';
        if (!isEnd) value += one;
        break;
      case 'single':
        if (one === "'") state = 'before value';
        else value += one;
        break;
      case 'double':
        if (one === '"') state = 'before value';
        else if (one === '\\') state = 'double escape';
        else value += one;
        break;
      case 'double escape':
        state = 'double';
        if ('"\\`$'.includes(one)) value += one;
        else if (one !== '\n') value += `\\${one}`;
        break;
      case 'comment':
        if (one === '\\') state = 'comment escape';
        else if (isEnd) state = 'before key';
        break;
      case 'comment escape':
        state = isEnd && systemd >= COMMENTS_END ? 'before key' : 'comment';
        break;
    }
    if (one === '\n') line += 1;
  }
  const isOpen = !['before key', 'key', 'comment', 'comment escape'].includes(state);
  if (isOpen) push();
  const isName = ({ name }: Assignment) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
  return {
    assignments: all.filter(isName),
    dropped: all.filter((one) => !isName(one)),
  };
}
