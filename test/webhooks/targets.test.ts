import {createServer, type AddressInfo} from 'node:net';
import {networkInterfaces} from 'node:os';
import test from 'ava';
import {networkOf, parseAddress} from '../../contract/network.ts';
import {networks} from '../../core/config/parse.ts';
import {
	connect,
	type ConnectTimings,
	type Judge,
	type JudgeName,
} from '../../core/outbound/connect.ts';
import {OutboundFault} from '../../core/outbound/fault.ts';
import {Names} from '../../core/outbound/names.ts';
import {openSending} from '../../core/webhooks/sending/options.ts';
import {whyForbidden, type SendOptions} from '../../core/webhooks/sending/send.ts';
import {
	judgeName,
	judgeTarget,
	type Interface,
	type TargetPolicy,
} from '../../core/webhooks/sending/targets.ts';
import {databaseConfig} from '../helpers/migrate.ts';
import {createReceiver} from './receiver.ts';

const closed: TargetPolicy = {
	allowedNetworks: [],
	allowedPorts: [],
	interfaces: () => [],
	services: () => [],
};

function judge(address: string, policy: Partial<TargetPolicy> = {}, port = 443) {
	return judgeTarget({...closed, ...policy}, {address, port, scheme: 'https:'});
}

/** An interface of this machine. @throws {TypeError} for what is not an address */
function ownInterface(text: string, length: number): Interface {
	const address = parseAddress(text);
	if (address === undefined) throw new TypeError(`${text} is not an address`);
	return {address, subnet: networkOf(address, length)};
}

const names = new Names();

function tryConnect(url: URL, policy: TargetPolicy, timings: ConnectTimings) {
	const judgeIt: Judge = (target) => judgeTarget(policy, target);
	const signal = AbortSignal.timeout(60_000);
	const judgeNames: JudgeName = (target) => judgeName(policy, target);
	const judges = {judge: judgeIt, judgeName: judgeNames};
	return connect(url, {names, proxy: undefined, party: '', ...judges, ca: [], signal, timings});
}

const closedOptions: SendOptions = {
	policy: closed,
	names,
	proxy: undefined,
	ca: [],
	keepsPrivateAnswers: false,
	now: Date.now,
};

const isAllowed = (...args: Parameters<typeof judge>) => judge(...args).isAllowed;

test('S-103: addresses that are not of the public internet are refused, in every form', (t) => {
	const refused = `
		10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 172.16.0.1 172.31.255.255
		192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255
		198.51.100.1 203.0.113.1 0.0.0.0 0.1.2.3 169.254.169.254 224.0.0.1
		239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1
		::ffff:10.0.0.1 ::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b:1::1 100::1
		2001::1 2001:db8::1 2002:7f00:1:: 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1
		fe80::1%eth0 fec0::1 ff02::1 ::ffff:0:169.254.169.254 ::ffff:0:a9fe:a9fe ::ffff:ffff:7f00:1
		::fffe:7f00:1 ::ffff:c0a8:1 100:0:0:1::1 1fff::1 4000::1 5f00::1 8000::1 64:ff9b:2::1
	`;
	for (const address of refused.trim().split(/\s+/)) {
		t.false(isAllowed(address), address);
	}
	for (const address of ['1.1.1.1', '8.8.8.8', '172.32.0.1', '2606:4700:4700::1111', '2000::1']) {
		t.true(isAllowed(address), address);
	}
});

test('an operator opens networks; link-local, metadata and multicast addresses stay closed', (t) => {
	const allowedNetworks = networks('private, loopback, 0.0.0.0/0, ::/0');
	for (const address of ['10.1.2.3', '127.0.0.1', '192.168.0.1', 'fd12::1', '::1']) {
		t.deepEqual(judge(address, {allowedNetworks}), {isAllowed: true, isPrivate: true}, address);
	}
	const metadata = '169.254.169.254 fd00:ec2::254 fd20:ce::254 100.100.100.200 192.0.0.192';
	const translated = '64:ff9b::a9fe:a9fe 64:ff9b::169.254.169.254 2002:a9fe:a9fe::1';
	const stranger =
		'::a9fe:a9fe ::ffff:0:a9fe:a9fe 64:ff9b:1::a9fe:a9fe 2001:0:a9fe:a9fe:: 2001::5601:5601';
	const others = 'fe80::1 0.0.0.0 224.0.0.1 168.63.129.16 ::ffff:a9fe:a9fe';
	for (const address of `${metadata} ${translated} ${stranger} ${others}`.split(' ')) {
		t.false(isAllowed(address, {allowedNetworks}), address);
	}
	t.true(isAllowed('64:ff9b::101:101', {allowedNetworks}));
});

test('the network of the appliance is opened only by its own name, its databases never', (t) => {
	const interfaces = () => [ownInterface('172.18.0.2', 16)];
	const wide = networks('172.16.0.0/12');
	t.false(isAllowed('172.18.0.5', {interfaces, allowedNetworks: wide}));
	t.true(isAllowed('172.19.0.5', {interfaces, allowedNetworks: wide}));
	const own = networks('172.18.0.5/32, 172.18.0.9/32');
	t.true(isAllowed('172.18.0.5', {interfaces, allowedNetworks: own}));
	t.false(isAllowed('172.18.0.6', {interfaces, allowedNetworks: own}));
	const services = () => [{address: '172.18.0.5', port: 5432}];
	t.false(isAllowed('172.18.0.5', {interfaces, allowedNetworks: own, services}, 5432));
	t.true(isAllowed('172.18.0.5', {interfaces, allowedNetworks: own, services}, 8443));
	const all = networks('::/0, 0.0.0.0/0');
	t.false(isAllowed('64:ff9b::ac12:5', {allowedNetworks: all, services}, 5432));
	t.false(isAllowed('::ffff:ac12:5', {allowedNetworks: wide, services}, 5432));
});

test('reserved ports are closed but 80 and 443; plain HTTP is for networks that are opened', (t) => {
	t.false(isAllowed('1.1.1.1', {}, 22));
	t.true(isAllowed('1.1.1.1', {allowedPorts: [22]}, 22));
	t.true(isAllowed('1.1.1.1', {}, 8443));
	const plain = {address: '1.1.1.1', port: 80, scheme: 'http:'} as const;
	t.false(judgeTarget(closed, plain).isAllowed);
	const policy = {...closed, allowedNetworks: networks('1.1.1.0/24')};
	t.true(judgeTarget(policy, plain).isAllowed);
});

test('a refusal says why, and which setting would allow it', (t) => {
	const why = (address: string) => {
		const verdict = judge(address);
		return verdict.isAllowed ? '' : verdict.why;
	};
	t.is(
		why('10.1.2.3'),
		'10.1.2.3 is not a public address; LATCHKEY_WEBHOOK_ALLOWED_NETWORKS=10.1.2.3/32 would allow it',
	);
	t.is(
		why('169.254.169.254'),
		'169.254.169.254 is a link-local address: nothing is ever sent there',
	);
});

test('S-100: each spelling of a loopback address is refused when an endpoint is set up, and when something is sent', async (t) => {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	for (const host of [
		'127.0.0.1',
		'2130706433',
		'0x7f.1',
		'0x7f000001',
		'127.1',
		'0177.0.0.1',
		'[::ffff:127.0.0.1]',
		'[::1]',
		'[::127.0.0.1]',
		'localhost',
		'LOCALHOST',
		'0',
	]) {
		const url = new URL(`http://${host}:${receiver.port}/`);
		t.is(typeof (await whyForbidden(url, '', closedOptions)), 'string', host);
		const timings = {dns: null, connect: null, tls: null};
		const error = await t.throwsAsync(tryConnect(url, closed, timings), {
			instanceOf: OutboundFault,
		});
		t.is(error?.kind, 'blocked', host);
	}
	t.is(receiver.received.length, 0);
});

test('F12: PostgreSQL and Redis are not connected to, by whatever name, though their network is open', async (t) => {
	const server = createServer();
	let connections = 0;
	server.on('connection', (socket) => {
		connections++;
		socket.destroy();
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	t.teardown(() => server.close());
	const {port} = server.address() as AddressInfo;
	const database = databaseConfig({host: 'localhost', port, user: ''}, '');
	const {options, stop} = await openSending(
		{
			outboundProxy: undefined,
			webhooks: {
				allowedNetworks: networks('loopback, 0.0.0.0/0, ::/0'),
				allowedPorts: [],
				ca: [],
				keepsPrivateAnswers: false,
			},
			database,
			directDatabase: {...database, host: '/run/postgresql', port: 5432},
			redis: {
				address: {host: '127.0.0.1', port: 1},
				username: undefined,
				password: undefined,
				database: 0,
				tls: false,
				prefix: '',
			},
		},
		() => [],
		Date.now,
	);
	t.teardown(stop);
	const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
	const own = interfaces
		.filter(({address}) => !address.startsWith('fe80'))
		.map(({address, family}) => (family === 'IPv6' ? `[${address}]` : address));
	const spelled = [
		'localhost',
		'2130706433',
		'[::ffff:127.0.0.1]',
		'127.0.0.2',
		'127.1.2.3',
		'[::1]',
	];
	for (const host of [...spelled, ...own]) {
		const url = new URL(`http://${host}:${port}/`);
		t.regex((await whyForbidden(url, '', options)) ?? '', /a database of this appliance/);
		const timings = {dns: null, connect: null, tls: null};
		const error = await t.throwsAsync(tryConnect(url, options.policy, timings), {
			instanceOf: OutboundFault,
		});
		t.is(error?.kind, 'blocked', url.href);
	}
	t.false(isAllowed('127.0.0.1', {...options.policy, interfaces: () => []}, 5432), 'its socket');
	t.true(isAllowed('127.0.0.1', {...options.policy, interfaces: () => []}, 8443));
	t.is(connections, 0);
});

test('S-101: the address that was connected to is judged again: an answer of DNS that changes leads nowhere', async (t) => {
	const receiver = await createReceiver();
	t.teardown(receiver.close);
	let asked = 0;
	// The first judgement takes place before the connection, the second after it.
	const policy = {
		...closed,
		get allowedNetworks() {
			asked++;
			return asked === 1 ? networks('127.0.0.1/32') : [];
		},
	};
	const url = new URL(receiver.url);
	const timings = {dns: null, connect: null, tls: null};
	const error = await t.throwsAsync(tryConnect(url, policy, timings), {
		instanceOf: OutboundFault,
	});
	t.is(error?.kind, 'blocked');
	t.not(timings.connect, null);
});
