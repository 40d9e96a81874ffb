/** Words for `log-outputs` that are not files (embed/config_logging.go). */
const STREAMS = ['default', 'stdout', 'stderr', 'systemd/journal'];

/** The files that etcd logs to with these settings; relative names included. */
export function logFiles(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const value = settings['log-outputs'];
  if (value === undefined) return [];
  return String(value)
    .split(',')
    .filter((output) => !STREAMS.includes(output));
}

/** Those of them that must be open to it at its start: with rotation it moves away what it cannot append to (lumberjack). */
export function appendedLogs(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const rotates = String(settings['enable-log-rotation']) === 'true';
  return rotates ? [] : [...new Set(logFiles(settings))].filter((path) => path.startsWith('/'));
}

/** The directories of the files that etcd logs to, each once. */
export function logDirectories(settings: Readonly<Record<string, unknown>>): readonly string[] {
  const directories = logFiles(settings).map((file) => file.slice(0, file.lastIndexOf('/')));
  return [...new Set(directories)];
}
