import { startWorkspace } from './start.ts';

/** Starts the workspace alone, for trying an app by hand: `node --import tsx lab/workspace/run.ts [port]`. Ctrl-C ends it. */
async function run(): Promise<void> {
  const workspace = await startWorkspace({ port: Number(process.argv[2] ?? 0) });
  const lines = [
    `Local workspace: ${workspace.url}`,
    '',
    'Start the app with:',
    `  SLACK_API_URL=${workspace.apiUrl}`,
    `  SLACK_BOT_TOKEN=${workspace.botToken}`,
    `  SLACK_APP_TOKEN=${workspace.appToken}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void workspace.stop());
}

await run();
