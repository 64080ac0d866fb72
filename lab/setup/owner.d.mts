/** Names a process so that a later one with the same number is not taken for it: `pid:start`. */
export function owner(pid?: number): string;
/** Whether the process that {@link owner} named still lives. */
export function lives(name: string): boolean;
