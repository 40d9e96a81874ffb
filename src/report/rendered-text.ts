import { type RenderedFile, TOKEN_PLACEHOLDER } from '../desired/render.ts';

/** What no rendered file holds. */
export const NOTE = `${TOKEN_PLACEHOLDER} stands for a random token, which hosts keep; keys and certificates are never rendered.`;

/** Rendered files, one after another. */
export function printedFiles(files: readonly RenderedFile[]): string {
  const all = files.map(({ member, path, content }) => `==> ${member}:${path} <==\n${content}`);
  return [...all, `# ${NOTE}`].join('\n');
}

/** Where rendered files were written. */
export function writtenFiles(paths: readonly string[]): string {
  return [...paths, '', NOTE].join('\n');
}
