import {mkdtemp, writeFile} from 'node:fs/promises';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {createServer} from 'node:tls';
import test from 'ava';
import {connect} from '../../core/outbound/connect.ts';
import {Names} from '../../core/outbound/names.ts';
import {createAuthority} from '../helpers/certificates.ts';
import {eventually} from '../helpers/program.ts';

test('a name that ends in a dot is sent, and checked, without it (RFC 6066, 3)', async (t) => {
	const authority = await createAuthority();
	const asked: unknown[] = [];
	const server = createServer(await authority.issue('hooks.example'), (socket) => {
		asked.push(socket.servername);
		socket.destroy();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => server.close());
	const hostsFile = path.join(await mkdtemp(path.join(tmpdir(), 'hosts-')), 'hosts');
	await writeFile(hostsFile, '127.0.0.1 hooks.example\n');
	const url = new URL(`https://hooks.example.:${(server.address() as AddressInfo).port}/`);
	const {socket} = await connect(url, {
		names: new Names({hostsFile}),
		party: 'one',
		proxy: undefined,
		judge: () => ({isAllowed: true, isPrivate: true}),
		judgeName: () => ({isAllowed: false, why: 'it is known'}),
		ca: [authority.cert],
		signal: AbortSignal.timeout(60_000),
		timings: {dns: null, connect: null, tls: null},
	});
	t.teardown(() => socket.destroy());
	t.is(url.hostname, 'hooks.example.');
	await eventually(() => asked.length > 0, {what: 'the name to be known'});
	t.deepEqual(asked, ['hooks.example']);
});
