import { inspect } from 'node:util';

/** Every line of every secret of this run. */
const known = new Set<string>();

/** Text that never prints: only `reveal()` gives it back, so a search for that word finds every use. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    for (const line of tellingLines(text)) known.add(line);
  }

  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return String(this);
  }

  [inspect.custom](): string {
    return String(this);
  }
}

// Of a key each long line tells something; its frame and a short last line would only blank innocent text.
function tellingLines(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const long = lines.filter((line) => line.length >= 16 && !line.startsWith('-----'));
  return lines.length > 1 ? long : lines.filter((line) => line !== '');
}

const PRIVATE_KEY =
  /-----BEGIN ([A-Z0-9 ]*)PRIVATE KEY-----[\s\S]*?(?:-----END \1PRIVATE KEY-----|$)/g;

/** The text without private keys and without any secret of this run, also where a command has echoed it. */
export function redact(text: string): string {
  const blanked = text.replace(PRIVATE_KEY, '[private key]');
  return [...known].reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), blanked);
}
