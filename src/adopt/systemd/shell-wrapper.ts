/** A command that a shell was asked to run. */
export interface Wrapped {
  /** The program and its words, as far as they can be told without running anything. */
  readonly words: readonly string[];
  /** Variables set before the program, as they are written. */
  readonly variables: readonly string[];
}

const SHELLS = /(^|\/)(ba|da|z|k)?sh$/;

/** What `bash -c "…"` runs, where that is one plain command; undefined where the words are no such wrapper. */
export function unwrapped(words: readonly string[]): Wrapped | undefined {
  const [program = '', ...rest] = words;
  if (!SHELLS.test(program)) return undefined;
  const at = rest.findIndex((one) => /^-[a-z]*c$/.test(one));
  const script = at < 0 ? undefined : rest[at + 1];
  if (script === undefined) return undefined;
  const parts = shellWords(script);
  const start = parts.findIndex((one) => !/^([A-Za-z_]\w*=.*|exec)$/s.test(one));
  if (start < 0) return { words: [], variables: parts };
  return {
    words: parts.slice(start),
    variables: parts.slice(0, start).filter((one) => one !== 'exec'),
  };
}

/** The words of one plain command of a shell; `$(…)` is kept as it is written, and what follows `;`, `&` or `|` is left out. */
export function shellWords(script: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  const add = (text: string) => {
    word = (word ?? '') + text;
  };
  for (let at = 0; at < script.length; at += 1) {
    const one = script[at] ?? '';
    if (one === '\\') {
      at += 1;
      if (script[at] !== '\n') add(script[at] ?? '');
    } else if (one === "'") {
      const end = script.indexOf("'", at + 1);
      add(script.slice(at + 1, end < 0 ? undefined : end));
      if (end < 0) break;
      at = end;
    } else if (one === '"') {
      add('');
      for (at += 1; at < script.length && script[at] !== '"'; at += 1) {
        if (script[at] === '\\' && /["\\$`\n]/.test(script[at + 1] ?? '')) at += 1;
        add(script[at] ?? '');
      }
    } else if (script.startsWith('$(', at)) {
      const end = closing(script, at + 1);
      add(script.slice(at, end + 1));
      at = end;
    } else if (/\s/.test(one)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[;&|]/.test(one)) break;
    else add(one);
  }
  return word === undefined ? words : [...words, word];
}

function closing(script: string, from: number): number {
  let depth = 0;
  for (let at = from; at < script.length; at += 1) {
    if (script[at] === '(') depth += 1;
    if (script[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return script.length;
}
