import { apply, changed, load, state } from './store.js';

let source;

/** Asks the server to do something as the person one is; gives its answer. Throws with a sentence for the person. */
export async function act(name, body) {
  const response = await fetch(`/ui/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: state.me, ...body }),
  }).catch(() => {
    throw new Error('The workspace did not answer. Look whether it was done before you try again.');
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

/** Who there is to be, when nobody was chosen yet. */
export async function anybody() {
  const response = await fetch('/ui/people');
  const { people } = await response.json();
  return people.find((person) => !person.isBot)?.id ?? '';
}

/**
 * Becomes this person: shows what they see, and follows it; false when there is no such person. Every line, also one that was
 * opened again after a break, begins with all there is, so nothing is missed and nothing older replaces what is newer.
 */
export function become(userId) {
  source?.close();
  const line = new EventSource(`/ui/events?user=${encodeURIComponent(userId)}`);
  source = line;
  return new Promise((resolve) => {
    line.onmessage = ({ data }) => {
      const told = JSON.parse(data);
      if (told.kind !== 'snapshot') return apply(told);
      sessionStorage.setItem('me', userId);
      load(told.snapshot);
      setLive(true);
      resolve(true);
    };
    line.onerror = () => {
      setLive(false);
      if (line.readyState === EventSource.CLOSED) resolve(false);
    };
  });
}

function setLive(isLive) {
  state.isLive = isLive;
  changed();
}
