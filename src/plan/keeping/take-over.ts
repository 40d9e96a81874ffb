import { INVENTORY, provision, remedy } from '../../problem/remedy.ts';

/** What would have members run as ours, so that everything can be done with them. */
export const takeOver = remedy`have them taken over first: take layout: keep out of ${INVENTORY}, then ${provision('up', INVENTORY)}`;
