/** The directory a path of a host is in. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** What a path of a host is called in its directory. */
export function nameIn(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether a path is the directory or lies in it. */
export function within(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
