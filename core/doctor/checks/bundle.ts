import type {BundleContainer, BundleFacts} from '../facts/bundle.ts';
import type {HealthCheck, Patient, Seen} from '../check.ts';
import {enumerated} from '../words.ts';

/** What callers may reach. */
const published = new Set(['server', 'caddy']);
/** On the ports that it publishes for HTTPS. */
const tlsPort = '8443/tcp';
const leastCompose = {bundle: '2.20.0', balanced: '2.24.4'};
/** What Docker gives a container that says nothing, s. */
const ordinaryStopSeconds = 10;
/** As often a program may have been started again before it is told. */
const manyRestarts = 3;

/** What only whoever may ask Docker can look at: deploy/compose/doctor. */
export const bundleChecks: readonly HealthCheck[] = [
	{
		id: 'bundle.published_ports',
		title: 'Nothing is published but the API, and that to other machines by HTTPS only',
		follows:
			'Anyone who reaches this machine can try to log in there, past everything that Latchkey checks.',
		remedy:
			'Take `ports:` of that service out of the Compose files, and bring the bundle up again.',
		onlyOfBundle: true,
		look: ({bundle}) => of(bundle).flatMap(publishedOf),
	},
	{
		id: 'bundle.compose_version',
		title: 'Docker Compose is 2.20 or newer, with the balancer 2.24.4',
		follows: 'What the Compose files ask for is refused, or silently left out.',
		remedy: 'Install a newer docker-compose-plugin.',
		onlyOfBundle: true,
		look({bundle}) {
			const version = bundle?.composeVersion;
			if (version === undefined) return [];
			const isBalanced = of(bundle).some(({service}) => service === 'caddy');
			const least = leastCompose[isBalanced ? 'balanced' : 'bundle'];
			if (!isOlder(version, least)) return [];
			return [{level: 'warning', what: `Docker Compose is ${version}; ${least} is needed.`}];
		},
	},
	{
		id: 'bundle.stop_grace',
		title: 'Docker waits longer for a program than that takes to end',
		follows: 'The program is killed in the middle of its work: requests are cut off.',
		remedy:
			'Raise stop_grace_period in the Compose files above LATCHKEY_DRAIN_DELAY_MS and LATCHKEY_SHUTDOWN_TIMEOUT_MS together.',
		onlyOfBundle: true,
		look({bundle, settings}) {
			const seconds = {
				server: (settings.drainDelayMs + settings.shutdownTimeoutMs) / 1000,
				worker: settings.shutdownTimeoutMs / 1000,
			};
			return Object.entries(seconds).flatMap(([service, needed]): Seen[] => {
				const given = of(bundle)
					.filter((each) => each.service === service)
					.map(({stop_timeout: seconds}) => seconds ?? ordinaryStopSeconds);
				const least = Math.min(...given);
				if (least > needed) return [];
				return [
					{
						level: 'warning',
						what: `Docker kills the ${service} after ${least} s, and it may take ${needed} s to end.`,
					},
				];
			});
		},
	},
	{
		id: 'bundle.restarts',
		title: 'No program was killed for lack of memory, or restarts again and again',
		follows: 'Callers wait or are refused each time; what it was doing starts over.',
		remedy: 'See `docker compose logs`; for more memory: docs/docker.md.',
		onlyOfBundle: true,
		look({bundle}) {
			const killed = servicesOf(bundle, ({oom_killed: isKilled}) => isKilled);
			const restarted = servicesOf(bundle, ({restarts}) => restarts > manyRestarts);
			return [
				...told(
					killed,
					(names) => `The kernel ended ${names}, which wanted more memory than it may have.`,
				),
				...told(
					restarted,
					(names) => `Started again more than ${manyRestarts} times by itself: ${names}.`,
				),
			];
		},
	},
	{
		id: 'bundle.unattended',
		title: 'Programs start again with the machine, and their logs have a limit',
		follows:
			'After a power cut it stays down until somebody starts it; logs without a limit fill the disk.',
		remedy:
			'Keep `restart: unless-stopped` and `logging:` of docker-compose.yml in your own files.',
		onlyOfBundle: true,
		look({bundle}) {
			const absent = servicesOf(bundle, ({restart_policy: policy}) => policy === 'no');
			const endless = servicesOf(
				bundle,
				({log_driver: driver, log_options: options}) =>
					driver === 'json-file' && options?.['max-size'] === undefined,
			);
			return [
				...told(absent, (names) => `Not started again by itself: ${names}.`),
				...told(endless, (names) => `The log of ${names} grows without a limit.`),
			];
		},
	},
];

/** Those that run for good: not init and migrate, which end. */
const lasting = new Set([
	'server',
	'worker',
	'caddy',
	'postgres',
	'redis',
	'prometheus',
	'grafana',
]);

function of(bundle: Patient['bundle']): readonly BundleContainer[] {
	return bundle?.containers ?? [];
}

function servicesOf(
	bundle: BundleFacts | undefined,
	isMeant: (container: BundleContainer) => boolean,
): readonly string[] {
	const found = of(bundle).filter((each) => lasting.has(each.service) && isMeant(each));
	return [...new Set(found.map(({service}) => service))];
}

function told(names: readonly string[], what: (names: string) => string): Seen[] {
	return names.length === 0 ? [] : [{level: 'warning', what: what(enumerated(names))}];
}

function publishedOf({service, ports}: BundleContainer): Seen[] {
	const open = Object.entries(ports ?? {}).flatMap(([port, bindings]) =>
		(bindings ?? []).map(({HostIp: host, HostPort}) => ({
			port,
			host,
			at: `${host || '*'}:${HostPort}`,
		})),
	);
	const elsewhere = open.filter(({host}) => !isLoopback(host));
	if (published.has(service)) {
		const isTls = open.some(({port}) => port === tlsPort);
		if (isTls || elsewhere.length === 0) return [];
		return [
			{
				level: 'warning',
				what: `The API is published on ${enumerated(elsewhere.map(({at}) => at))} by plain HTTP.`,
				follows: 'Passwords, tokens and API keys can be read on the way.',
				remedy: 'Set LATCHKEY_BIND to 127.0.0.1, or LATCHKEY_TLS: docs/tls.md.',
			},
		];
	}
	if (elsewhere.length > 0) {
		const at = enumerated(elsewhere.map((each) => each.at));
		const isExpected = service === 'prometheus' || service === 'grafana';
		return [{level: isExpected ? 'warning' : 'failure', what: `${service} is published on ${at}.`}];
	}
	if (open.length === 0 || !['postgres', 'redis', 'worker'].includes(service)) return [];
	return [
		{
			level: 'warning',
			what: `${service} is published on this machine, at ${enumerated(open.map(({at}) => at))}.`,
			follows: 'Every program and user of this machine can try to log in there.',
		},
	];
}

function isLoopback(host: string): boolean {
	return host === '::1' || host.startsWith('127.');
}

function isOlder(version: string, least: string): boolean {
	return version.localeCompare(least, 'en', {numeric: true}) < 0;
}
