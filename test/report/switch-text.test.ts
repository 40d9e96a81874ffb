import test from 'ava';
import { inventoryLine } from '../../src/report/switch-text.ts';

test('inventoryLine() asks for the protocol that a switch has come to, where the inventory names the other', (t) => {
  t.is(
    inventoryLine({ to: 'https', inventory: 'prod.yaml', written: 'http' }),
    'next: set protocol: https in prod.yaml, so that up agrees',
  );
});

test('inventoryLine() asks for nothing where the inventory says so already', (t) => {
  t.is(
    inventoryLine({ to: 'https', inventory: 'prod.yaml', written: 'https' }),
    'prod.yaml says protocol: https, as the cluster does',
  );
});
