// A receiver of Latchkey's webhooks in Node, without packages: node receiver.mjs
// WEBHOOK_SECRET is the secret of the endpoint (whsec_…), PORT where it listens.
import {createHmac, timingSafeEqual} from 'node:crypto';
import {createServer} from 'node:http';

const key = Buffer.from(process.env.WEBHOOK_SECRET.replace(/^whsec_/, ''), 'base64');
const toleranceSeconds = 300;

// Deliveries may come twice: each webhook-id is worked on once. Keep the ids for 4 days, in the
// database that the work itself changes and in the same transaction; memory is for this example.
const seen = new Set();

function isGenuine(headers, body) {
	const {'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': list} = headers;
	if (!id || !list || !/^\d+$/.test(timestamp ?? '')) return false;
	if (Math.abs(Date.now() / 1000 - Number(timestamp)) > toleranceSeconds) return false;
	const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest();
	// While a secret is being replaced there are several signatures; one that fits is enough.
	return list.split(' ').some((signature) => {
		const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
		return signature.startsWith('v1,') && given.length === 32 && timingSafeEqual(given, expected);
	});
}

const server = createServer((request, response) => {
	const chunks = [];
	request.on('data', (chunk) => chunks.push(chunk));
	request.on('end', () => {
		// The bytes as they came: JSON that is parsed and written again has another signature.
		const body = Buffer.concat(chunks);
		if (!isGenuine(request.headers, body)) {
			response.writeHead(400).end();
			return;
		}
		const event = JSON.parse(body);
		if (!seen.has(event.id)) {
			seen.add(event.id);
			console.log(`${event.type} ${event.id}`);
		}
		// Answer soon, and do long work after it: Latchkey waits 15 seconds.
		response.writeHead(204).end();
	});
});
server.listen(Number(process.env.PORT ?? 9000), '127.0.0.1');
