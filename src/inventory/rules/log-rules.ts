import * as z from 'zod';
import { logDirectories, logFiles } from '../../etcd/log-outputs.ts';
import { firstMinor, versionRow } from '../../etcd/versions.ts';
import type { Inventory } from '../schema.ts';
import { absolutePath } from '../yaml/scalars.ts';
import { at } from './etcd-settings.ts';
import { isOfSystem } from './place-rules.ts';
import type { Rule } from './rule.ts';

type Etcd = Inventory['etcd'];

const ROTATION = ['maxsize', 'maxage', 'maxbackups', 'localtime', 'compress'] as const;
const count = z.int().min(0);
const rotation = z.strictObject({
  maxsize: count.optional(),
  maxage: count.optional(),
  maxbackups: count.optional(),
  localtime: z.boolean().optional(),
  compress: z.boolean().optional(),
});

/** What holds for where etcd logs to; with most of these mistakes it ends before it could log why. */
export const LOG_RULES: readonly Rule[] = [
  {
    // embed/config_logging.go, from 3.5 on: "--logger=capnslog is removed in v3.5".
    name: 'the logger is one that the version has',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      etcd.settings.logger === 'capnslog' && versionRow(etcd.version)?.needsLogger !== true
        ? at(
            'logger',
            `capnslog was removed in ${firstMinor(({ hasCapnslog }) => !hasCapnslog)}; etcd would not start. Leave it out`,
          )
        : [],
  },
  {
    name: 'one of log-output and log-outputs is set',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      'log-output' in etcd.settings && 'log-outputs' in etcd.settings
        ? at('log-output', 'stands beside log-outputs; keep log-outputs')
        : [],
  },
  {
    // embed/config_logging.go: "multi logoutput for \"default\" is not supported yet".
    name: 'etcd logs by default or to what is named',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const outputs = list(etcd);
      return outputs.length > 1 && outputs.includes('default')
        ? at('log-outputs', 'names default beside others, which etcd refuses; name stderr instead')
        : [];
    },
  },
  {
    // embed/config_logging.go: "running with systemd/journal but other '--log-outputs' values are configured with 'default'".
    name: 'etcd logs to the journal alone',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const outputs = list(etcd);
      return outputs.length > 1 && outputs.includes('systemd/journal')
        ? at('log-outputs', 'names systemd/journal beside others, which etcd refuses; keep one')
        : [];
    },
  },
  {
    // embed/config_logging.go of 3.4: "--logger=capnslog supports only 1 value in '--log-outputs'".
    name: 'capnslog logs to one place',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      etcd.settings.logger === 'capnslog' && list(etcd).length > 1
        ? at('log-outputs', 'names more than one place, which etcd refuses with logger: capnslog')
        : [],
  },
  {
    name: 'log files lie in a directory that etcd may have',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const wrong = logFiles(etcd.settings).flatMap((file) => {
        if (!absolutePath.safeParse(file).success)
          return `names ${file}; a log file needs an absolute path, such as /var/log/etcd/etcd.log`;
        const [directory = ''] = logDirectories({ 'log-outputs': file });
        if (!absolutePath.safeParse(directory).success || isOfSystem(directory))
          return `puts ${file} into ${directory || '/'}, which belongs to the system; name a directory for etcd alone, such as /var/log/etcd`;
        const { bin, conf, data, wal, walDirectory } = etcd.paths;
        const inside = [bin, conf, data, wal, walDirectory].find(
          (path) => path !== undefined && `${directory}/`.startsWith(`${path}/`),
        );
        return inside === undefined ? [] : `puts ${file} into ${inside}, which holds other things`;
      });
      return wrong.flatMap((complaint) => at('log-outputs', complaint));
    },
  },
  {
    // embed/config_logging.go: "--log-outputs requires a single file path when --log-rotate-config-json is defined".
    name: 'log rotation has one file to rotate',
    level: 'error',
    check: ({ inventory: { etcd } }) =>
      String(etcd.settings['enable-log-rotation']) === 'true' &&
      logFiles(etcd.settings).length !== 1
        ? at('enable-log-rotation', 'needs log-outputs with exactly one file; etcd would not start')
        : [],
  },
  {
    // With {} or no key that it knows, etcd 3.5.16 and 3.6.14 end in a nil pointer.
    name: 'log rotation is configured in the words etcd knows',
    level: 'error',
    check: ({ inventory: { etcd } }) => {
      const text = etcd.settings['log-rotation-config-json'];
      if (text === undefined) return [];
      const why = whyBadRotation(String(text));
      return why === undefined ? [] : at('log-rotation-config-json', why);
    },
  },
  {
    name: 'log rotation is enabled where it is configured',
    level: 'warning',
    check: ({ inventory: { etcd } }) =>
      'log-rotation-config-json' in etcd.settings &&
      String(etcd.settings['enable-log-rotation']) !== 'true'
        ? at('log-rotation-config-json', 'does nothing without enable-log-rotation: true')
        : [],
  },
];

function whyBadRotation(text: string): string | undefined {
  const must = `must be JSON such as {"maxsize": 100, "maxbackups": 5}, with ${ROTATION.join(', ')}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return must;
  }
  const { data, error } = rotation.safeParse(lowerCased(value));
  if (error !== undefined) {
    const [issue] = error.issues;
    const where = issue?.path.join('.') ?? '';
    return `${must}${where === '' ? '' : ` (${where} is wrong)`}`;
  }
  return Object.keys(data).length === 0 ? must : undefined;
}

// Go matches the keys of JSON in any case.
function lowerCased(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key.toLowerCase(), one]));
}

function list({ settings }: Etcd): readonly string[] {
  return settings['log-outputs'] === undefined ? [] : String(settings['log-outputs']).split(',');
}
