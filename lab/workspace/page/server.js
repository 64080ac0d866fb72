import { apply, changed, load, state } from './store.js';

let source;

/** Asks the server to do something as the person one is; gives its answer. Throws with the server's sentence. */
export async function act(name, body) {
  const response = await fetch(`/ui/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: state.me, ...body }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Becomes this person: loads what they see and follows it. */
export async function become(userId) {
  source?.close();
  const response = await fetch(`/ui/state?user=${encodeURIComponent(userId)}`);
  const snapshot = await response.json();
  if (!response.ok) return false;
  sessionStorage.setItem('me', userId);
  load(snapshot);
  followAs(userId);
  return true;
}

/** Who there is to be, when nobody was chosen yet. */
export async function anybody() {
  const response = await fetch('/ui/state?user=');
  const { people } = await response.json();
  return people.find((person) => !person.isBot)?.id ?? '';
}

function followAs(userId) {
  source = new EventSource(`/ui/events?user=${encodeURIComponent(userId)}`);
  source.onopen = () => {
    state.isLive = true;
    // Whatever happened while the line was down is in a new snapshot, not in the feed; so is what came before it opened.
    refresh(userId);
    changed();
  };
  source.onerror = () => {
    state.isLive = false;
    changed();
  };
  source.onmessage = ({ data }) => apply(JSON.parse(data));
}

async function refresh(userId) {
  const response = await fetch(`/ui/state?user=${encodeURIComponent(userId)}`);
  if (response.ok && state.me === userId) load(await response.json());
}
