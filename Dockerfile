# One image for both parts: `bot` listens to Slack, `worker` works on the hosts. Without a part it runs both.
FROM node:20-bookworm-slim

# git keeps the mirrors; openssh-client has the ssh that git uses, and ssh-keygen, which reads known_hosts.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates git openssh-client \
  && rm -rf /var/lib/apt/lists/*

WORKDIR /app
ENV NODE_ENV=production

COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev && npm cache clean --force

COPY LICENSE ./
COPY src ./src
# `docker compose exec bot rollback status`
RUN chmod 755 src/cli/rollback.mjs && ln -s /app/src/cli/rollback.mjs /usr/local/bin/rollback

# The mirrors; the directory belongs to the user so that a new volume does too.
RUN install -d -o node -g node /data
ENV DATA_DIR=/data SYSTEMS_DIR=/systems
VOLUME /data

USER node
ENTRYPOINT ["node", "--import", "tsx", "src/main.ts"]
