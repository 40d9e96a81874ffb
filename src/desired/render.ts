import type { DesiredCluster } from './cluster.ts';

/** A file as a host would get it. */
export interface RenderedFile {
  readonly member: string;
  /** Absolute, on the host. */
  readonly path: string;
  readonly content: string;
}

/** Stands where hosts get a random token at their first start, and keep it. */
export const TOKEN_PLACEHOLDER = 'drawn-at-the-first-start';

/** The files of every member for a first start. Keys and certificates are never among them. */
export function renderedFiles({ members, paths }: DesiredCluster): readonly RenderedFile[] {
  return members.flatMap(({ name, confFile, unitFile }) => [
    {
      member: name,
      path: paths.confFile,
      content: confFile({ token: TOKEN_PLACEHOLDER, state: 'new' }),
    },
    { member: name, path: paths.unitFile, content: unitFile },
  ]);
}
