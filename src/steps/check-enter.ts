import { type Sh, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';

/** Goes into the role's directory; a check that cannot has found its one problem. */
export const enter = (where: Where, name: string): Sh =>
  sh`cd -- ${where.role.dir} 2>/dev/null || { fail ${name} ${`there is no directory ${where.role.dir} that ${where.host.user} may enter`} 'make it, or mend dir in the system file'; exit 0; }`;
