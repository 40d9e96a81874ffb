/** Where the locks are on a host. */
export const LOCK_DIRECTORY = '/run/provision';
/**
 * Held while something is removed that the clusters of a host share. No cluster can have a name that begins with a dot.
 * Every run takes it for an instant before it begins, so that it sees the host as it is afterwards.
 */
export const HOST_LOCK = `${LOCK_DIRECTORY}/.host.lock`;
