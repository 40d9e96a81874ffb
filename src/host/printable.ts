/**
 * The text with everything a terminal might obey taken out (escape sequences, C0 and C1 controls, direction overrides);
 * newlines and tabs stay. For what hosts say before a person sees it.
 */
export function printable(text: string): string {
  return text
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|.)/gs, '')
    .replace(/\r+\n/g, '\n')
    .replace(/[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '');
}

/** The last line that says something, printable, at most 300 characters. */
export function lastWords(text: string): string {
  const lines = printable(text).trim().split('\n');
  return (lines.at(-1) ?? '').trim().slice(0, 300);
}
