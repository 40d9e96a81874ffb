import type { ArgumentsOf } from '../command.ts';
import type { migrateOptions } from './options.ts';

export type MigrateArguments = ArgumentsOf<typeof migrateOptions>;
