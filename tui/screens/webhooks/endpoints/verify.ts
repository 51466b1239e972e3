/** What to do with a signing secret, where it is shown. */
export const howToVerify =
	'Give it to the receiver, which takes only what it has signed: the header webhook-signature must hold v1, and the base64 of HMAC-SHA-256 over <webhook-id>.<webhook-timestamp>.<body>, with the secret after whsec_ (base64) as key. The libraries of standardwebhooks.com do it, and docs/webhooks.md shows how without one.';
