import type { Mistake } from '../mistake.ts';
import { CONSUMER_RULES } from './consumer-rules.ts';
import { LIMIT_RULES } from './limit-rules.ts';
import { LOG_RULES } from './log-rules.ts';
import { MEMBER_RULES } from './member-rules.ts';
import { METRICS_RULES } from './metrics-rules.ts';
import { MEMBER_SETTING_RULES, ofMembersToo } from './of-members.ts';
import { PKI_RULES } from './pki-rules.ts';
import { PLACE_RULES } from './place-rules.ts';
import type { Rule, Subject } from './rule.ts';
import { SERVICE_RULES } from './service-rules.ts';
import { SETTING_RULES } from './setting-rules.ts';
import { TLS_RULES } from './tls-rules.ts';
import { TOKEN_RULES } from './token-rules.ts';
import { TUNING_RULES } from './tuning-rules.ts';
import { VERSION_RULES } from './version-rules.ts';

/** What holds for settings of etcd, whether all members have them or one. */
const OF_SETTINGS: readonly Rule[] = [
  ...SETTING_RULES,
  ...TUNING_RULES,
  ...LIMIT_RULES,
  ...METRICS_RULES,
  ...TOKEN_RULES,
  ...TLS_RULES,
  ...LOG_RULES,
];

/** Every rule of an inventory. Adding a row to one of these lists is all it takes. */
export const RULES: readonly Rule[] = [
  ...VERSION_RULES,
  ...MEMBER_RULES,
  ...PLACE_RULES,
  ...OF_SETTINGS.map(ofMembersToo),
  ...MEMBER_SETTING_RULES,
  ...SERVICE_RULES,
  ...PKI_RULES,
  ...CONSUMER_RULES,
];

/** What the rules of that level say about the inventory; every rule is asked. */
export function findings(subject: Subject, level: Rule['level']): readonly Mistake[] {
  return RULES.filter((rule) => rule.level === level).flatMap((rule) => rule.check(subject));
}
