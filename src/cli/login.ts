import { userInfo } from 'node:os';

/** What is known of the one who runs this process. */
export interface ProcessUser {
  readonly uid: number;
  /** Undefined where the machine has no name for the uid. */
  readonly name: string | undefined;
}

/**
 * The login name of the person. Root by sudo is whoever called sudo; for anybody else SUDO_USER is only a variable that they could have set themselves,
 * and says nothing. A uid without a name, as in containers, is `uid-1001`.
 */
export function loginName({ uid, name }: ProcessUser, env: NodeJS.ProcessEnv): string {
  if (uid === 0 && env.SUDO_USER) return env.SUDO_USER;
  return name ?? `uid-${uid}`;
}

/** Who runs this process. */
export function processUser(): ProcessUser {
  const uid = process.getuid?.() ?? -1;
  try {
    return { uid, name: userInfo().username };
  } catch {
    return { uid, name: undefined }; // no line for the uid in /etc/passwd
  }
}
