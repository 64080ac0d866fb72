/** What an item was when the plan was made, and the limit that follows. Without a value there is no limit. */
export interface Before {
  readonly name: string;
  readonly value?: string;
  readonly atMost?: number;
  readonly atLeast?: number;
}

interface Compared {
  readonly name: string;
  readonly baseline?: number | undefined;
  readonly below?: number | undefined;
  readonly above?: number | undefined;
}

/**
 * The limit of an item by what was read of it before. It is an upper one, unless the item has `above` and no `below`. Of a negative value the same share of
 * its size is added, so that a factor above 1 always leaves room above, and one below 1 always room below.
 */
export function beforeOf({ name, baseline = 1, below, above }: Compared, read: string): Before {
  const value = read.split('\n').at(-1)?.trim() ?? '';
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(value)) return { name };
  const before = Number(value);
  const limit = Number((before + (baseline - 1) * Math.abs(before)).toPrecision(6));
  return above !== undefined && below === undefined ? { name, value, atLeast: limit } : { name, value, atMost: limit };
}
