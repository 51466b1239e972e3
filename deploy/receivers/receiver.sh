#!/bin/sh
# A receiver of Latchkey's webhooks as a CGI program, with openssl alone: any web server that runs
# CGI can call it. WEBHOOK_SECRET is the secret of the endpoint (whsec_...).
set -eu

answer() {
	printf 'Status: %s\r\n\r\n' "$1"
	exit 0
}

body=$(mktemp)
trap 'rm -f "$body"' EXIT
# The bytes as they came: what is read into a variable has lost its last newlines.
head -c "${CONTENT_LENGTH:-0}" >"$body"

id=${HTTP_WEBHOOK_ID:-}
timestamp=${HTTP_WEBHOOK_TIMESTAMP:-}
case $timestamp in '' | *[!0-9]*) answer '400 Bad Request' ;; esac
age=$(($(date +%s) - timestamp))
[ "$age" -le 300 ] && [ "$age" -ge -300 ] || answer '400 Bad Request'

key=$(printf %s "${WEBHOOK_SECRET#whsec_}" | openssl base64 -d -A | od -An -vtx1 | tr -d ' \n')
expected=$({ printf '%s.%s.' "$id" "$timestamp"; cat "$body"; } |
	openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)

# While a secret is being replaced there are several signatures; one that fits is enough. Hashes are
# compared, so that the time it takes tells nothing.
hash() { printf %s "$1" | openssl dgst -sha256; }
genuine=no
for signature in ${HTTP_WEBHOOK_SIGNATURE:-}; do
	if [ "$(hash "$signature")" = "$(hash "v1,$expected")" ]; then genuine=yes; fi
done
[ "$genuine" = yes ] || answer '400 Bad Request'

# Deliveries may come twice: each webhook-id is worked on once. A folder is made by one of two only.
if mkdir "${SEEN_DIR:-/tmp}/$id" 2>/dev/null; then
	printf '%s\n' "$id" >>"${SEEN_DIR:-/tmp}/webhooks.log"
fi
answer '204 No Content'
