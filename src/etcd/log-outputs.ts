/** Words for `log-outputs` that are no files (embed/config_logging.go). */
const STREAMS = ['default', 'stdout', 'stderr', 'systemd/journal'];

/** The files that etcd logs to with these settings; relative names included. */
export function logFiles(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const value = settings['log-outputs'];
  if (value === undefined) return [];
  return String(value)
    .split(',')
    .filter((output) => !STREAMS.includes(output));
}

/** The directories of the files that etcd logs to, each once. */
export function logDirectories(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const directories = logFiles(settings).map((file) => file.slice(0, file.lastIndexOf('/')));
  return [...new Set(directories)];
}
