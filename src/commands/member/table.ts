import { command, family } from '../command.ts';
import {
  memberListOptions,
  memberMoveLeaderOptions,
  memberPromoteOptions,
  memberRemoveStrangerOptions,
  memberReplaceOptions,
} from './options.ts';

const list = command({
  usage: 'list <inventory>',
  describe: "Show etcd's list of members beside the inventory, and what it means for the quorum",
  options: memberListOptions,
  example: 'member list inventory.yaml',
  load: async () => (await import('./list.ts')).memberList,
});

const moveLeader = command({
  usage: 'move-leader <inventory> [member]',
  describe: 'Hand leadership to another member',
  options: memberMoveLeaderOptions,
  example: 'member move-leader inventory.yaml etcd02',
  load: async () => (await import('./move-leader.ts')).memberMoveLeader,
});

const promote = command({
  usage: 'promote <inventory> <member>',
  describe: 'Give a learner its vote',
  options: memberPromoteOptions,
  example: 'member promote inventory.yaml etcd04',
  load: async () => (await import('./promote.ts')).memberPromote,
});

const removeStranger = command({
  usage: 'remove-stranger <inventory> <stranger>',
  describe: "Take a member that the inventory does not name out of etcd's list",
  options: memberRemoveStrangerOptions,
  example: 'member remove-stranger inventory.yaml 8e9e05c52164694d',
  load: async () => (await import('./remove-stranger.ts')).memberRemoveStranger,
});

const replace = command({
  usage: 'replace <inventory> <member>',
  describe: 'Put a new member in the place of one whose machine, disk or data is lost',
  options: memberReplaceOptions,
  example: 'member replace inventory.yaml etcd02',
  load: async () => (await import('./replace.ts')).memberReplace,
});

/** `provision member …` */
export const memberCommands = family('member', 'Single members of the cluster', [
  list,
  moveLeader,
  promote,
  removeStranger,
  replace,
]);
