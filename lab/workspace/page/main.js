import { drawChannel } from './channel.js';
import { openFromAddress } from './go.js';
import { drawModal } from './modal.js';
import { anybody, become } from './server.js';
import { drawSidebar } from './sidebar.js';
import { state, subscribe } from './store.js';
import { drawThread } from './thread.js';
import { toast } from './toasts.js';

let toldUpTo = Date.now();

// A notice that belongs to no channel on the screen is told at the edge of the window; an old one is not told again.
function tellNotices() {
  const isShown = ({ channelId }) => channelId === state.current && state.tab === 'messages' && state.thread === null;
  for (const notice of state.notices) if (notice.atMs > toldUpTo && !isShown(notice)) toast(notice.text);
  toldUpTo = Math.max(toldUpTo, ...state.notices.map((notice) => notice.atMs));
}

// A permalink names a message: it is brought into view and marked, once.
function showTarget() {
  const message = state.target ? document.querySelector(`[data-ts="${CSS.escape(state.target)}"]`) : null;
  if (!message) return;
  state.target = '';
  message.scrollIntoView({ block: 'center' });
  message.classList.add('is-target');
}

subscribe(drawChannel);
subscribe(drawThread);
subscribe(drawSidebar);
subscribe(drawModal);
subscribe(tellNotices);
subscribe(showTarget);

document.addEventListener('click', ({ target }) => {
  const isOutside = !target.closest('.sidebar, [aria-label="Show channels"]');
  if (isOutside) document.body.classList.remove('shows-sidebar');
  for (const menu of document.querySelectorAll('details.menu[open]')) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') document.body.classList.remove('shows-sidebar');
});
document.addEventListener('visibilitychange', drawChannel);
window.addEventListener('hashchange', openFromAddress);

const asked = new URLSearchParams(location.search).get('user');
const isKnown = (asked && (await become(asked))) || (sessionStorage.getItem('me') && (await become(sessionStorage.getItem('me'))));
if (!isKnown) await become(await anybody());
openFromAddress();
