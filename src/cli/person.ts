import type { Directory } from '../domain/directory.ts';
import type { Actor } from '../domain/event.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import type { Identities } from './identities.ts';

/** The person at this terminal as decisions know them: by their Slack id, so that nobody is two; or the line that would make them known. */
export async function personOf(login: string, { file, ids }: Identities, directory: Directory): Promise<Actor | Refusal> {
  const id = Object.hasOwn(ids, login) ? ids[login] : undefined;
  if (id === undefined)
    return refuse(
      'not-allowed',
      `Nobody knows who “${login}” is in Slack, so ${login} can look but not decide.`,
      `Add this line to ${file}, with the Slack member id (profile, ⋮, Copy member ID):\n    ${login}: U…`,
    );
  const name = await directory.nameOf(id);
  return { id, name: name === id ? login : name, via: 'cli' };
}
