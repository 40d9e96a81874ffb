import { readFile } from 'node:fs/promises';
import type { TemplateDelegate } from 'handlebars';

/** A missing value is an error, and nothing is escaped as if for a web page. */
export const TEMPLATE_OPTIONS = { noEscape: true, strict: true };

/** The template of this name in `templates`. What is packed into dist has them compiled already (scripts/templates.mjs). */
export async function compileTemplate(name: string): Promise<TemplateDelegate> {
  const { default: handlebars } = await import('handlebars');
  const source = await readFile(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
  return handlebars.compile(source, TEMPLATE_OPTIONS);
}
