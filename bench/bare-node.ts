import {hash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {createServer} from 'node:http';

/*
The limit of what can be had on Node: its own HTTP server, a handler that hashes the key and looks the
hash up, and constant JSON. No route, no log, no count, no header of its own. Arguments: port, a file of
hashes, a line each, and the JSON that a GET and a POST are answered.
*/

const [port, file = '', answerToGet = '', answerToPost = ''] = process.argv.slice(2);
const hashes = readFileSync(file, 'utf8').split('\n');
const known = new Map(hashes.map((text, index) => [text, index]));
const isKnown = (key: string) => known.has(hash('sha256', key));

createServer((request, response) => {
	const bearer = request.headers.authorization?.slice('Bearer '.length) ?? '';
	const answer = (isAccepted: boolean, json: string) => {
		response.writeHead(isAccepted ? 200 : 401, {
			'Content-Type': 'application/json; charset=utf-8',
			'Content-Length': Buffer.byteLength(json),
		});
		response.end(json);
	};
	if (request.url === '/readyz') return answer(true, '{}');
	if (request.method !== 'POST') return answer(isKnown(bearer), answerToGet);
	const chunks: Buffer[] = [];
	request.on('data', (chunk: Buffer) => chunks.push(chunk));
	request.on('end', () => {
		const {key} = JSON.parse(Buffer.concat(chunks).toString()) as {key: string};
		answer(isKnown(bearer) && isKnown(key), answerToPost);
	});
}).listen(Number(port), '127.0.0.1');
