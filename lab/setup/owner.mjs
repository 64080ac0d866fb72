import { readFileSync } from 'node:fs';

/** Names a process so that a later one with the same number is not taken for it: `pid:start`, where start is Linux's start tick (empty elsewhere). */
export function owner(pid = process.pid) {
  return `${pid}:${startTick(pid)}`;
}

/** Whether the process that {@link owner} named still lives. */
export function lives(name) {
  const pid = Number(name.split(':')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  return owner(pid) === name;
}

/** Field 22 of /proc/PID/stat; the command in field 2 may hold blanks and brackets, so count from its end. A zombie is as good as gone. */
function startTick(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1).split(' ');
    return fields[0] === 'Z' ? 'gone' : fields[19];
  } catch {
    return '';
  }
}
