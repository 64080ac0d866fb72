import { BOT, TEAM } from '../people/people.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { markMethods } from './marks.ts';
import { type Method, TIER } from './method.ts';
import { peopleMethods } from './people.ts';
import { viewMethods } from './views.ts';

const authTest: Method = {
  token: 'bot',
  perMinute: TIER.special,
  run: (_args, { origin }) => ({
    url: `${origin()}/`,
    team: 'Local workspace',
    user: BOT.name,
    team_id: TEAM.id,
    user_id: BOT.userId,
    bot_id: BOT.botId,
    is_enterprise_install: false,
  }),
};

// Slack allows one a minute and more in practice, for apps with several connections.
const openConnection: Method = {
  token: 'app',
  scope: 'connections:write',
  perMinute: TIER.two,
  run: (_args, { openSocket }) => ({ url: openSocket() }),
};

/** Every Web API method of the workspace, by name. */
export const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    'auth.test': authTest,
    'api.test': { token: 'bot', perMinute: TIER.special, run: () => ({}) } satisfies Method,
    'apps.connections.open': openConnection,
    ...chatMethods,
    ...conversationMethods,
    ...peopleMethods,
    ...viewMethods,
    ...markMethods,
  }),
);
