/** What sees, while a member is stopped, that nothing of the v2 API is left in its data. */
export interface V2Check {
  /** Path of an etcdutl that can tell. */
  readonly tool: string;
  readonly data: string;
  /** Whose files they are. */
  readonly account: string;
}
