/** What a table says of a name that is not ours: undefined also for `constructor` and all else that every object inherits. */
export const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined => (Object.hasOwn(table, name) ? table[name] : undefined);
