import { usualLog } from './usual-log.ts';

/** Where an etcd has its data and its log, as absolute paths without a slash at their end. */
export interface GivenPlaces {
  readonly data: string;
  readonly wal: string;
}

/** The places of an etcd by its settings, and by the directory that its process works in (embed/config.go, datadir). */
export function givenPlaces(
  said: (variable: 'ETCD_NAME' | 'ETCD_DATA_DIR' | 'ETCD_WAL_DIR') => string | undefined,
  directory: string,
): GivenPlaces {
  const data = wholePath(
    said('ETCD_DATA_DIR') || `${said('ETCD_NAME') || 'default'}.etcd`,
    directory,
  );
  const wal = said('ETCD_WAL_DIR');
  return { data, wal: wal ? wholePath(wal, directory) : usualLog(data) };
}

/** A path from the root, without what is of no use in it: `/a//b/./c/` as `/a/b/c`. */
export function wholePath(path: string, directory: string): string {
  const parts = (path.startsWith('/') ? path : `${directory}/${path}`).split('/');
  const kept: string[] = [];
  for (const part of parts) {
    if (part === '..') kept.pop();
    else if (part !== '' && part !== '.') kept.push(part);
  }
  return `/${kept.join('/')}`;
}
