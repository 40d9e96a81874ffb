import type { AdoptedMember } from './adoption.ts';

/** What a member is called: its published name, else its id. */
export function nameOf({ listed }: Pick<AdoptedMember, 'listed'>): string {
  return listed.name === '' ? listed.id : listed.name;
}
