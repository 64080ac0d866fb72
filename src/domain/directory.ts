/** Who is who in the workspace. Names are as in system files: `#channel`, `@user`, `@group`. */
export interface Directory {
  /** The id to post to: a channel's, or a user's for a direct message. Undefined when there is none of that name. */
  destination(name: string): Promise<string | undefined>;
  /** Whether a user is the `@user`, in the `@group` or in the `#channel` now. */
  isMember(userId: string, of: string): Promise<boolean>;
  /** How many people a `@user`, `@group` or `#channel` is; 0 when there is none of that name. */
  members(of: string): Promise<number>;
  /** Text that really mentions, by name: `@sac-leads` → `<!subteam^S1>`. Names without an entry are left out. */
  mentions(names: readonly string[]): Promise<Record<string, string>>;
  /** What a user is called. */
  nameOf(userId: string): Promise<string>;
}
