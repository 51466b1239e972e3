# Replaces the containers of a service one after the other; used by deploy/upgrade, with bundle.sh.
#
# Compose itself replaces all of them at once. So a container more is made beside the old ones, and only
# when it is healthy and ready is an old one stopped, which finishes what it has. Where the service publishes
# a port of the host there can be one at a time: the old one is stopped first, and started again where the
# new one does not get well. Nothing is removed before its successor works, so this can be killed at any moment.

# is_current SERVICE CONTAINER: made of these settings and this image.
is_current() {
	local of_image
	[ "$(of "$2" '{{index .Config.Labels "com.docker.compose.config-hash"}}')" = "$(hash_of "$1")" ] || return 1
	of_image=$(of "$2" '{{.Config.Image}}')
	[ "$(of "$2" '{{.Image}}')" = "$(image_id "$of_image")" ]
}
hash_of() { compose config --hash "$1" | sed 's/.* //'; }

publishes() { [ "$(of "$1" '{{len .HostConfig.PortBindings}}')" != 0 ]; }
sort_out() {
	local id
	current='' outdated=''
	for id in $(containers "$1"); do
		if is_current "$1" "$id"; then current+="$id "; else outdated+="$id "; fi
	done
}
words() { printf '%s' "$#"; }
first() { printf '%s' "${1:-}"; }
# Of the current ones, those that run and are well.
well() {
	local id
	for id in $current; do
		[ "$(state "$id")" = running ] && is_healthy "$id" && printf '%s ' "$id"
	done
	return 0
}
remove() {
	docker stop "$1" >/dev/null
	docker rm "$1" >/dev/null
}

# replace SERVICE NUMBER
replace() {
	local service=$1 number=$2 new id began=$SECONDS replaced=0
	while :; do
		sort_out "$service"
		if [ -z "$outdated" ] && [ "$(words $(well))" -ge "$number" ]; then break; fi
		# One that was made before and does not run yet, or not well.
		new=''
		for id in $current; do is_well "$id" || new=$id; done
		if [ -z "$new" ] && [ "$(words $current)" -lt "$number" ]; then
			compose create --no-recreate --no-build --scale "$service=$(($(words $current $outdated) + 1))" "$service" >/dev/null 2>&1 ||
				stop_here "A new container of $service could not be made; what runs goes on." "docker compose create $service"
			before=$current
			sort_out "$service"
			[ "$(words $current)" -gt "$(words $before)" ] ||
				stop_here "Compose made no new container of $service." 'What runs goes on. docker compose up --wait replaces all of them at once.'
			for id in $current; do is_well "$id" || new=$id; done
		fi
		if [ -n "$new" ]; then bring_up "$service" "$new"; replaced=$((replaced + 1)); fi
		sort_out "$service"
		id=$(first $outdated)
		# Those that stand already are of no use to anybody.
		for stopped in $outdated; do [ "$(state "$stopped")" = running ] || id=$stopped; done
		[ -z "$id" ] || remove "$id"
	done
	# More than are wanted: one of an upgrade that was killed.
	for id in $(tail -n +"$((number + 1))" <<<"$(tr ' ' '\n' <<<"${current% }")"); do remove "$id"; done
	if [ "$replaced" = 0 ]; then good "$service: is what it should be"; else good "$service: $replaced replaced in $((SECONDS - began)) s"; fi
}
is_well() { [ "$(state "$1")" = running ] && is_healthy "$1"; }

# bring_up SERVICE NEW: or leaves everything as it was.
bring_up() {
	local service=$1 new=$2 id stopped=''
	if publishes "$new"; then
		for id in $(running "$service"); do
			[ "$id" != "$new" ] || continue
			docker stop "$id" >/dev/null
			stopped+="$id "
		done
	fi
	[ "$(state "$new")" = running ] || docker start "$new" >/dev/null || true
	if becomes_healthy "$new" && { [ "$service" != server ] || within 30 is_ready "$new"; }; then return; fi
	say "  The new $service does not get well. Its last lines:" >&2
	docker logs --tail 15 "$new" 2>&1 | sed 's/^/    /' >&2
	remove "$new"
	for id in $stopped; do docker start "$id" >/dev/null; done
	for id in $stopped; do
		becomes_healthy "$id" || stop_here "The $service of before does not get well either." "docker compose logs $service"
	done
	stop_here "The $service of before goes on${stopped:+ again}; the schema stays the new one, which it can use." \
		'Correct what the lines above say and run deploy/upgrade again.'
}

# ask CONTAINER PATH [KEY FILE]: the status, then the body, of its own port.
ask() {
	docker exec --interactive "$1" node -e '
		const [path] = process.argv.slice(1);
		let key = "";
		process.stdin.on("data", (text) => { key += text; }).on("end", async () => {
			const port = process.env.LATCHKEY_PORT || 8080;
			const headers = key.trim() === "" ? {} : {"X-API-Key": key.trim()};
			const answer = await fetch(`http://127.0.0.1:${port}${path}`, {headers, signal: AbortSignal.timeout(5000)});
			console.log(answer.status, await answer.text());
		});' "$2" <"${3:-/dev/null}" 2>/dev/null || printf '000 no answer\n'
}
readiness() { ask "$1" /readyz; }
is_ready() { [[ $(readiness "$1") == 200* ]]; }
refuses_strangers() { [[ $(ask "$1" /api/v1/keys/self) == 401* ]]; }
accepts_key() { [[ $(ask "$1" /api/v1/keys/self "$key_file") == 200* ]]; }
