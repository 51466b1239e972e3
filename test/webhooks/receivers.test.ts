import {spawn, spawnSync, type ChildProcess} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {mkdtemp, readFile} from 'node:fs/promises';
import {createServer, request, type Server} from 'node:http';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {signatureHeaders} from '../../core/webhooks/sending/sign.ts';
import {testServices} from '../helpers/environment.ts';
import {eventually, freePort} from '../helpers/program.ts';

// The receivers that are shipped: each takes what is genuine, refuses the rest, works once on each.

const folder = path.join(import.meta.dirname, '..', '..', '..', 'deploy', 'receivers');
const key = randomBytes(32);
const secret = `whsec_${key.toString('base64')}`;

type Running = {url: string; output: () => Promise<string>};

async function startProgram(t: ExecutionContext, command: string, file: string): Promise<Running> {
	const port = await freePort();
	const child: ChildProcess = spawn(command, [path.join(folder, file)], {
		env: {...process.env, WEBHOOK_SECRET: secret, PORT: String(port)},
	});
	t.teardown(() => void child.kill('SIGKILL'));
	let output = '';
	child.stdout?.on('data', (chunk: Buffer) => {
		output += chunk.toString();
	});
	const url = `http://127.0.0.1:${port}/`;
	await eventually(async () => (await post(url, {}, '').catch(() => 0)) === 400, {
		what: `${file} to listen`,
	});
	return {url, output: async () => output};
}

/** What a web server does for a CGI program (RFC 3875). */
async function startCgi(t: ExecutionContext): Promise<Running> {
	const seen = await mkdtemp(path.join(testServices().directory, 'seen-'));
	const server: Server = createServer((incoming, response) => {
		const chunks: Buffer[] = [];
		incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
		incoming.on('end', () => {
			const body = Buffer.concat(chunks);
			const headers = Object.entries(incoming.headers).map(([name, value]) => [
				`HTTP_${name.toUpperCase().replaceAll('-', '_')}`,
				String(value),
			]);
			const result = spawnSync('sh', [path.join(folder, 'receiver.sh')], {
				input: body,
				env: {
					...process.env,
					...(Object.fromEntries(headers) as Record<string, string>),
					CONTENT_LENGTH: String(body.length),
					WEBHOOK_SECRET: secret,
					SEEN_DIR: seen,
				},
			});
			const status = /^Status: (\d+)/.exec(result.stdout.toString())?.[1];
			response.writeHead(Number(status ?? 500)).end();
		});
	});
	const port = await freePort();
	await new Promise<void>((resolve) => {
		server.listen(port, '127.0.0.1', resolve);
	});
	t.teardown(() => void server.close());
	return {
		url: `http://127.0.0.1:${port}/`,
		output: () => readFile(path.join(seen, 'webhooks.log'), 'utf8').catch(() => ''),
	};
}

function post(url: string, headers: Record<string, string>, body: string): Promise<number> {
	return new Promise((resolve, reject) => {
		const outgoing = request(
			url,
			{method: 'POST', headers: {...headers, 'content-length': Buffer.byteLength(body)}},
			(answer) => {
				answer.resume();
				resolve(answer.statusCode ?? 0);
			},
		);
		outgoing.once('error', reject);
		outgoing.end(body);
	});
}

async function check(t: ExecutionContext, {url, output}: Running): Promise<void> {
	const id = `msg_${randomBytes(16).toString('hex')}`;
	const body = JSON.stringify({id, type: 'key.revoked', data: {name: 'Zoë\n\n'}});
	const timestamp = Math.floor(Date.now() / 1000);
	const sign = (keys: Buffer[], at = timestamp) =>
		signatureHeaders(keys, {id, timestamp: at, body});
	const other = randomBytes(32);
	const send = (headers: Record<string, string>, text = body) => post(url, headers, text);

	t.is(await send(sign([other])), 400, 'another secret');
	t.is(await send(sign([key]), `${body} `), 400, 'another body');
	t.is(await send(sign([key], timestamp - 301)), 400, 'too old');
	t.is(await send(sign([key], timestamp + 330)), 400, 'from the future');
	t.is(await send({...sign([key]), 'webhook-id': 'msg_other'}), 400, 'another id');
	t.is(await send({...sign([key]), 'webhook-signature': ''}), 400, 'no signature');
	t.false((await output()).includes(id));
	t.is(await send(sign([key])), 204);
	t.is(await send(sign([other, key])), 204, 'while the secret is being replaced');
	await eventually(async () => (await output()).includes(id), {what: 'the event to be taken'});
	t.is((await output()).split(id).length, 2, 'worked on once');
}

test('the receiver in Node takes what is genuine, once', async (t) => {
	await check(t, await startProgram(t, process.execPath, 'receiver.mjs'));
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
(hasPython ? test : test.skip)('the receiver in Python takes what is genuine, once', async (t) => {
	await check(t, await startProgram(t, 'python3', 'receiver.py'));
});

test('the receiver in shell takes what is genuine, once', async (t) => {
	await check(t, await startCgi(t));
});
