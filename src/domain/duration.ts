import { z } from 'zod';

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time as people write it (`500ms`, `90s`, `30m`, `4h`, `3d`), read as milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, 'a time is a number and ms, s, m, h or d: 30m')
  .transform((text) => {
    const [, number, unit] = /^([\d.]+)(\w+)$/.exec(text) ?? [];
    return Math.round(Number(number) * (unitMs[unit ?? ''] ?? Number.NaN));
  });

/** Milliseconds as people read them: `850 ms`, `12 s`, `2:10` (minutes and seconds), `4 h`, `3 d`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} min`;
  if (seconds < 172_800) return hours(seconds);
  return `${Math.round(seconds / 86_400)} d`;
}

function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
