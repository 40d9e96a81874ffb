/** The version in what `etcd --version` says, if it is one. */
export function readVersion(said: string): string | undefined {
  return /^etcd Version: (\d+\.\d+\.\d+(?:-[\w.]+)?)/m.exec(said)?.[1];
}
