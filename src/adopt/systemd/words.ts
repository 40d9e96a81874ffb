const LETTERS: Readonly<Record<string, string>> = {
  ...{ a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\u000b' },
  ...{ '\\': '\\', '"': '"', "'": "'", s: ' ' },
};

/**
 * The words of a value in a unit file: quotes may begin anywhere in a word, and a backslash escapes as in C
 * (src/basic/extract-word.c with EXTRACT_UNQUOTE and EXTRACT_CUNESCAPE). One of which nothing is known stays as it is.
 */
export function unitWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at] ?? '';
    if (one === '\\') {
      const { value, length } = unescaped(text.slice(at + 1));
      word = (word ?? '') + value;
      at += length;
    } else if (quote !== '') {
      if (one === quote) quote = '';
      else word = (word ?? '') + one;
    } else if (one === '"' || one === "'") [quote, word] = [one, word ?? ''];
    else if (/[ \t\n\r]/.test(one)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + one;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** What stands behind a backslash, and how much of it was taken. */
function unescaped(rest: string): { readonly value: string; readonly length: number } {
  const [one = ''] = rest;
  const letter = LETTERS[one];
  if (letter !== undefined) return { value: letter, length: 1 };
  const numbers: readonly (readonly [pattern: RegExp, base: number])[] = [
    [/^x([0-9a-fA-F]{2})/, 16],
    [/^u([0-9a-fA-F]{4})/, 16],
    [/^U([0-9a-fA-F]{8})/, 16],
    [/^([0-7]{3})/, 8],
  ];
  for (const [pattern, base] of numbers) {
    const [whole, digits] = pattern.exec(rest) ?? [];
    if (whole !== undefined && digits !== undefined)
      return { value: String.fromCodePoint(Number.parseInt(digits, base)), length: whole.length };
  }
  return { value: `\\${one}`, length: one.length };
}
