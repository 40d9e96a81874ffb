import { readFile } from 'node:fs/promises';

/** The text of a file below files/, each @KEY@ in it replaced; throws where one has no value. */
export async function filled(
  file: string,
  values: Readonly<Record<string, string>> = {},
): Promise<string> {
  const text = await readFile(new URL(`files/${file}`, import.meta.url), 'utf8');
  return text.replace(/@([A-Z_]+)@/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new TypeError(`${file} needs ${key}`);
    return value;
  });
}
