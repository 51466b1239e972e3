# No syntax line: the frontend that comes with the engine (20.10 and newer) is enough, and a machine
# that reaches no registry could not fetch another.

ARG NODE_IMAGE=node:26-trixie-slim
ARG POSTGRES_IMAGE=postgres:17-trixie

# Each program in one file; any type error ends the build here.
FROM ${NODE_IMAGE} AS build
WORKDIR /opt/latchkey
ARG NPM_CONFIG_REGISTRY
COPY .npmrc package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json tsconfig.product.json LICENSE ./
COPY contract contract
COPY core core
COPY server server
COPY worker worker
COPY tui tui
COPY deploy deploy
# Source maps stay out: lines in the bundle read like the source, and Node would parse the maps again
# for every stack that a caller can provoke.
RUN node_modules/.bin/tsc -p tsconfig.product.json --noEmit --composite false --incremental false \
	&& node deploy/bundle.ts

# The base image without what a running server does not need: package manager of Node, headers,
# manuals, setuid bits.
FROM ${NODE_IMAGE} AS trimmed
RUN rm -rf /usr/local/lib/node_modules /usr/local/include /usr/local/share/* /opt/* \
		/usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack /usr/local/bin/yarn* \
		/usr/local/bin/docker-entrypoint.sh \
		/usr/share/doc/* /usr/share/man/* /usr/share/info/* /usr/share/locale/* \
		/var/cache/* /var/log/* /var/lib/apt/lists/* /tmp/* \
	&& find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
	&& groupadd --gid 10001 latchkey \
	&& useradd --uid 10001 --gid 10001 --create-home --shell /usr/sbin/nologin latchkey \
	# A new named volume takes owner and mode of the folder it is mounted on.
	&& install -d -o latchkey -g latchkey -m 0700 /home/latchkey /run/latchkey/secrets /run/latchkey/console-secrets \
	&& install -d -o latchkey -g latchkey -m 0750 /run/latchkey/database-secrets /run/latchkey/redis-secrets \
		/run/latchkey/migration-secrets /run/latchkey/grafana-secrets

# Copied whole, so that what was removed above is gone from the image and not only hidden.
FROM scratch AS latchkey
COPY --from=trimmed / /
# The one thing that is not in the bundle: a list of common passwords.
COPY --from=build /opt/latchkey/node_modules/@zxcvbn-ts/language-common /opt/latchkey/node_modules/@zxcvbn-ts/language-common
COPY package.json LICENSE* /opt/latchkey/
COPY migrations /opt/latchkey/migrations
COPY docs/openapi.json docs/api.html docs/sbom.cdx.json docs/licences.txt /opt/latchkey/docs/
COPY --from=build /opt/latchkey/dist/bundle /opt/latchkey/dist/bundle
COPY --chmod=0755 deploy/compose/latchkey /usr/local/bin/latchkey

ARG NODE_IMAGE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Latchkey" \
	org.opencontainers.image.description="A self-hosted appliance that issues, verifies and revokes API keys." \
	org.opencontainers.image.licenses="Apache-2.0" \
	org.opencontainers.image.version="${VERSION}" \
	org.opencontainers.image.revision="${REVISION}" \
	org.opencontainers.image.base.name="${NODE_IMAGE}"

# Two arenas: glibc's default of eight per core holds memory that a Node process does not use.
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
	NODE_ENV=production \
	MALLOC_ARENA_MAX=2
WORKDIR /opt/latchkey
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["latchkey"]

# For backups: the same programs beside those of the bundle's PostgreSQL, so that pg_dump always fits.
FROM ${POSTGRES_IMAGE} AS backup
COPY --from=latchkey /usr/local/bin/node /usr/local/bin/latchkey /usr/local/bin/
COPY --from=latchkey /opt/latchkey /opt/latchkey
# Libraries of Node that an image of PostgreSQL need not have.
COPY --from=latchkey /usr/lib/*-linux-gnu/libatomic.so.1 /usr/lib/*-linux-gnu/libstdc++.so.6 /usr/local/lib/
RUN ldconfig && node --version
ENV NODE_ENV=production \
	MALLOC_ARENA_MAX=2
WORKDIR /opt/latchkey
ENTRYPOINT ["latchkey"]

FROM latchkey
