# What deploy/upgrade and deploy/upgrade-postgres share; bash, in the folder of docker-compose.yml.

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
good() { printf '  ok    %s\n' "$*"; }
note() { printf '  note  %s\n' "$*"; }
# Lines after the first say what to do.
bad() {
	printf '  FAIL  %s\n' "$1"
	shift
	[ $# = 0 ] || printf '        %s\n' "$@"
	faults=$((faults + 1))
}
stop_here() {
	printf '\n%s\n' "$1" >&2
	shift
	[ $# = 0 ] || printf '%s\n' "$@" >&2
	exit 1
}
faults=0

# What was started must not hold the lock of one that was killed.
docker() { command docker "$@" 9>&-; }
# Nothing here reads a terminal, and Compose must not either.
compose() { docker compose --ansi never "$@" </dev/null; }
quietly() { "$@" 2>/dev/null; }

# at_least WANTED VERSION
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -t . -k 1,1n -k 2,2n -k 3,3n | sed -n 1p)" = "$1" ]; }

project() { compose config | sed -n 's/^name: //p' | sed -n 1p; }
has_service() { grep -qx "$1" <<<"$services"; }
# Those of a service itself: Compose would count what `run` started, in `ps --all` and in `exec`, too.
list() {
	docker ps --quiet --no-trunc --filter "label=com.docker.compose.project=$name" \
		--filter "label=com.docker.compose.service=$1" --filter label=com.docker.compose.oneoff=False "${@:2}"
}
containers() { list "$1" --all; }
running() { list "$1" --filter status=running; }
of() { docker inspect --format "$2" "$1"; }
# state CONTAINER: created, running, exited …
state() { of "$1" '{{.State.Status}}'; }
health() { of "$1" '{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}'; }

# within SECONDS COMMAND…: again and again until it succeeds.
within() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$until" ] || return 1
		sleep 0.3
	done
}
is_healthy() { [ "$(health "$1")" = healthy ]; }
# Whether it will not become healthy any more.
has_ended() { [[ $(state "$1") =~ ^(exited|dead)$ ]] || [ "$(of "$1" '{{.RestartCount}}')" -gt 2 ]; }
becomes_healthy() {
	within "$wait_seconds" eval "is_healthy $1 || has_ended $1" && is_healthy "$1"
}

# sql STATEMENT: as the superuser, by the socket of the bundle's PostgreSQL.
sql() { in_postgres psql -U postgres -d latchkey -v ON_ERROR_STOP=1 -Atc "$1"; }
in_postgres() { docker exec "$(running postgres)" "$@"; }
gib() { awk -v kib="$1" 'BEGIN {printf "%.1f GiB", kib / 1048576}'; }

requires_compose() {
	local version least=2.20.0
	docker info >/dev/null 2>&1 || stop_here 'Docker does not answer. Start it, or run this as a user that may use it.'
	version=$(docker compose version --short 2>/dev/null | sed 's/^v//; s/[^0-9.].*//') ||
		stop_here 'Docker Compose is missing: the command `docker compose` is needed.'
	case ${COMPOSE_FILE:-$(setting COMPOSE_FILE)} in *balanced*) least=2.24.4 ;; esac
	at_least "$least" "$version" ||
		stop_here "Docker Compose $version is too old; $least or newer is needed."
	compose config --quiet || stop_here 'Compose refuses the configuration; see above. Nothing was changed.'
	services=$(compose config --services)
	compose_version=$version
}

# setting NAME: from the environment, else from .env.
setting() {
	if [ -n "${!1:-}" ]; then
		printf '%s' "${!1}"
	elif [ -f .env ]; then
		sed -n "s/^[[:space:]]*\(export \)\{0,1\}$1=//p" .env | tail -n 1 | sed "s/[[:space:]]*$//; s/^\([\"']\)\(.*\)\1$/\2/"
	fi
}

# One of them at a time. Where there is no flock, that is the operator's care.
only_one() {
	command -v flock >/dev/null || return 0
	exec 9>"${TMPDIR:-/tmp}/latchkey-upgrade-$(id -u)-$1.lock"
	flock --nonblock 9 || stop_here 'Another upgrade of this appliance is running. Nothing was changed.'
}
