import {isIP} from 'node:net';

type Environment = Record<string, string | undefined>;

/** The first part of a name: that of a service or container called `latchkey` or `latchkey-…`. */
const service = '(LATCHKEY(?:_[A-Z0-9_]+?)?)';
const port = '_PORT_\\d{1,5}_(?:TCP|UDP|SCTP)';

const isAddress = (value: string) => isIP(value) !== 0;
const isNumber = (value: string) => /^\d{1,5}$/.test(value);
const isUrl = (value: string) =>
	/^(?:tcp|udp|sctp):\/\/(?:[\d.]+|\[?[\da-fA-F:]+\]?):\d{1,5}$/.test(value);
const isProtocol = (value: string) => /^(?:tcp|udp|sctp)$/i.test(value);

/**
 * The variables by which Kubernetes tells each container of the services of its namespace, and
 * `docker run --link` of the linked container: name and value together, so that a misspelt setting is
 * still an error.
 */
const forms: readonly {name: RegExp; isValue: (value: string) => boolean}[] = [
	{name: new RegExp(`^${service}_SERVICE_HOST$`), isValue: isAddress},
	{name: new RegExp(`^${service}_SERVICE_PORT(?:_[A-Z0-9_]+)?$`), isValue: isNumber},
	{name: new RegExp(`^${service}_PORT$`), isValue: isUrl},
	{name: new RegExp(`^${service}${port}(?:_START|_END)?$`), isValue: isUrl},
	{name: new RegExp(`^${service}${port}_PROTO$`), isValue: isProtocol},
	{name: new RegExp(`^${service}${port}_PORT(?:_START|_END)?$`), isValue: isNumber},
	{name: new RegExp(`^${service}${port}_ADDR$`), isValue: isAddress},
];

/** What `--link` adds: `/<container>/<alias>`, and the environment of the linked container. */
const linkForms: readonly {name: RegExp; isValue: (value: string) => boolean}[] = [
	{name: new RegExp(`^${service}_NAME$`), isValue: (value) => /^\/[\w.-]+\/[\w.-]+$/.test(value)},
	{name: new RegExp(`^${service}_ENV_.+$`), isValue: () => true},
];

/**
 * Takes out of an environment what Kubernetes and Docker put there by themselves. A service called
 * `latchkey` gives `LATCHKEY_PORT=tcp://10.0.0.1:8080`, one called `latchkey-redis`
 * `LATCHKEY_REDIS_PORT=tcp://…`: names of settings of ours, which then are not given.
 *
 * @param environment changed in place: the programs that this one starts are not to meet them either
 */
export function forgetServiceLinks(environment: Environment): void {
	const isLinked = (name: string | undefined) => isUrl(environment[`${name}_PORT`] ?? '');
	const linked = Object.keys(environment).filter(
		(name) =>
			matches(linkForms, name, environment, isLinked) ||
			matches(forms, name, environment, () => true),
	);
	for (const name of linked) delete environment[name];
}

function matches(
	known: typeof forms,
	name: string,
	environment: Environment,
	isOf: (service: string | undefined) => boolean,
): boolean {
	return known.some((form) => {
		const found = form.name.exec(name);
		return found !== null && form.isValue(environment[name] ?? '') && isOf(found[1]);
	});
}
