import {lookup} from 'node:dns/promises';
import {mkdtemp, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {OutboundFault} from '../../core/outbound/fault.ts';
import {candidates, parseHosts, parseSearch} from '../../core/outbound/name-files.ts';
import {Names} from '../../core/outbound/names.ts';
import {eventually} from '../helpers/program.ts';
import {startNameServer, type Zone} from '../helpers/name-server.ts';

async function prepare(t: ExecutionContext, zone: Zone, files = {hosts: '', resolv: ''}) {
	const server = await startNameServer(zone);
	t.teardown(server.close);
	const folder = await mkdtemp(path.join(tmpdir(), 'names-'));
	const hostsFile = path.join(folder, 'hosts');
	const resolvConf = path.join(folder, 'resolv.conf');
	await writeFile(hostsFile, files.hosts);
	await writeFile(resolvConf, files.resolv);
	const names = new Names({hostsFile, resolvConf, servers: [server.address]});
	const resolve = (host: string, party = 'one', signal = AbortSignal.timeout(60_000)) =>
		names.resolve(host, {party, signal});
	return {server, resolve, hostsFile};
}

test('names are found by DNS, addresses are their own, those of IPv4 come first', async (t) => {
	const both = ['20010db8000000000000000000000001'.replaceAll(/(.{4})(?=.)/g, '$1:'), '192.0.2.1'];
	const {server, resolve} = await prepare(t, (name) => (name === 'two.example' ? both : 'absent'));
	t.deepEqual(await resolve('two.example'), ['192.0.2.1', '2001:db8::1']);
	t.deepEqual(await resolve('TWO.example.'), ['192.0.2.1', '2001:db8::1']);
	t.deepEqual(await resolve('192.0.2.7'), ['192.0.2.7']);
	t.deepEqual(await resolve('::1'), ['::1']);
	t.is(server.asked.filter((one) => one.startsWith('192')).length, 0);
});

test('names of the hosts file and localhost are not asked for; the file is read again once it has changed', async (t) => {
	const hosts =
		'127.0.0.1 localhost\n10.1.2.3\tWorker worker.lan # the container\n::1 worker\nnonsense\n';
	const {server, resolve, hostsFile} = await prepare(t, () => 'absent', {hosts, resolv: ''});
	t.deepEqual(await resolve('worker'), ['10.1.2.3', '::1']);
	t.deepEqual(await resolve('WORKER.lan.'), ['10.1.2.3']);
	t.deepEqual(await resolve('localhost'), ['127.0.0.1']);
	t.deepEqual(await resolve('a.localhost'), ['127.0.0.1', '::1']);
	t.deepEqual(server.asked, []);
	await writeFile(hostsFile, `${hosts}10.9.9.9 added\n`);
	await eventually(async () => (await resolve('added')).includes('10.9.9.9'), {
		what: 'the new name',
	});
});

test('the search list and its dots are followed (resolv.conf(5))', async (t) => {
	const resolv =
		'nameserver 127.0.0.1\nsearch shop.svc.cluster.local. svc.cluster.local\noptions timeout:1 ndots:5\n';
	const {server, resolve} = await prepare(
		t,
		(name) => (name === 'hooks.svc.cluster.local' || name === 'a.b' ? ['10.0.0.9'] : 'absent'),
		{hosts: '', resolv},
	);
	t.deepEqual(await resolve('hooks'), ['10.0.0.9']);
	const asked = server.asked.filter((one) => one.endsWith(' A'));
	t.deepEqual(asked, ['hooks.shop.svc.cluster.local A', 'hooks.svc.cluster.local A']);
	t.deepEqual(await resolve('a.b'), ['10.0.0.9'], 'as it is, at last');
	const few = parseSearch('domain lan\n');
	t.deepEqual(candidates('a.b', few), ['a.b', 'a.b.lan']);
	t.deepEqual(candidates('a', few), ['a.lan', 'a']);
	t.deepEqual(candidates('a.', few), ['a']);
	t.deepEqual(candidates('a', parseSearch('')), ['a']);
	t.is(parseHosts('1.2.3.4 a b\n1.2.3.5 a').get('a')?.length, 2);
});

test('silent names of one party hold up neither threads nor others, and are remembered', async (t) => {
	const silent = (name: string) => name.endsWith('.dead.example');
	const {server, resolve} = await prepare(t, (name) => (silent(name) ? 'silent' : ['192.0.2.1']));
	const dead = Array.from({length: 8}, async (_, index) => resolve(`${index}.dead.example`));
	const faults = Promise.allSettled(dead);
	let isOver = false;
	void faults.then(() => {
		isOver = true;
	});
	await eventually(() => server.asked.length >= 8, {what: 'the first of them to be asked for'});
	t.deepEqual(await resolve('good.example', 'two'), ['192.0.2.1']);
	t.truthy(await lookup('localhost'), 'getaddrinfo has its threads');
	const names = new Set(
		server.asked.filter((one) => one.includes('dead')).map((one) => one.split(' ')[0]),
	);
	t.is(names.size, 4, 'four at a time');
	t.false(isOver);
	for (const result of await faults) {
		t.is(result.status, 'rejected');
		t.like(result.status === 'rejected' ? result.reason : {}, {
			kind: 'dns',
			message: 'its name could not be resolved (ETIMEOUT)',
		});
	}
	const before = server.asked.length;
	await t.throwsAsync(resolve('3.dead.example', 'three'), {instanceOf: OutboundFault});
	await delay(50);
	t.is(server.asked.length, before, 'not asked for again so soon');
});

test('whoever waits too long gives up; a name that many want is asked for once', async (t) => {
	const {server, resolve} = await prepare(t, () => 'silent');
	const many = Array.from({length: 5}, () => resolve('a.example', 'one', AbortSignal.timeout(500)));
	for (const result of await Promise.allSettled(many)) {
		t.like(result, {reason: {kind: 'timeout', message: 'its name was not resolved in time'}});
	}
	t.true(server.asked.length <= 4, server.asked.join());
});

test('a name server that is silent on IPv6 is not a fault', async (t) => {
	// Of the questions of one name the first is answered.
	const seen = new Set<string>();
	const {resolve} = await prepare(t, (name) => {
		if (seen.has(name)) return 'silent';
		seen.add(name);
		return ['192.0.2.1'];
	});
	t.deepEqual(await resolve('half.example'), ['192.0.2.1']);
});
