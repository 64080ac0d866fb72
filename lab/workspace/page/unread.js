const key = (user, channel) => `read ${user} ${channel}`;

/** The ts of the newest message this person has seen in this channel; '0' when none. */
export const readMark = (user, channel) => localStorage.getItem(key(user, channel)) ?? '0';

/** Remembers that this person has seen the channel up to `ts`; true when that is news. */
export function markRead(user, channel, ts) {
  if (Number(ts) <= Number(readMark(user, channel))) return false;
  localStorage.setItem(key(user, channel), ts);
  return true;
}
