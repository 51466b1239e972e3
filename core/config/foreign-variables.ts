import type {Program} from './setting.ts';

/** Variables that other parts read by themselves: known here, so that they do not count as misspelt. */
export const foreignVariables: readonly {
	variable: `LATCHKEY_${string}`;
	description: string;
	program: Program;
}[] = [
	{
		variable: 'LATCHKEY_DATA_DIR',
		program: 'start',
		description: 'Where `npm start` keeps its data. Default `.latchkey`.',
	},
	{
		variable: 'LATCHKEY_NO_DOWNLOAD',
		program: 'start',
		description: '1: `npm start` never fetches a Redis from Debian’s packages.',
	},
	{
		variable: 'LATCHKEY_BIND',
		program: 'compose',
		description: 'Address of the host on which the bundle publishes the API. Default 127.0.0.1.',
	},
	{
		variable: 'LATCHKEY_SERVER_MEMORY',
		program: 'compose',
		description: 'Memory of one server container of the bundle. Default 512m.',
	},
	{
		variable: 'LATCHKEY_REDIS_MAXMEMORY',
		program: 'compose',
		description: 'Data that the Redis of the bundle takes. Default 256mb.',
	},
	{
		variable: 'LATCHKEY_REDIS_MEMORY',
		program: 'compose',
		description: 'Memory of its container, twice as much. Default 512m.',
	},
	{
		variable: 'LATCHKEY_DATABASE_VOLUME',
		program: 'compose',
		description:
			'Volume of the PostgreSQL of the bundle. Written into `.env` by deploy/upgrade-postgres. Default: the name of the project and `_database`.',
	},
	{
		variable: 'LATCHKEY_SERVERS',
		program: 'compose',
		description: 'Servers behind the balancer of the bundle. Default 3.',
	},
	{
		variable: 'LATCHKEY_DOMAIN',
		program: 'compose',
		description:
			'Name under which that balancer serves HTTPS, with a certificate of its own. Unset: plain HTTP.',
	},
	{
		variable: 'LATCHKEY_TLS',
		program: 'compose',
		description:
			'Where its certificate comes from: public (default), files, internal or acme; see docs/tls.md.',
	},
	{
		variable: 'LATCHKEY_TLS_FOLDER',
		program: 'compose',
		description:
			'Folder of the host with certificate.pem and key.pem, for files; with ca.pem, the root of the ACME server, for acme.',
	},
	{
		variable: 'LATCHKEY_ACME_CA',
		program: 'compose',
		description: 'Address of the directory of one’s own ACME server, for acme.',
	},
	{
		variable: 'LATCHKEY_PROMETHEUS_PORT',
		program: 'compose',
		description: 'Port of 127.0.0.1 on which the Prometheus of the bundle is. Default 9090.',
	},
	{
		variable: 'LATCHKEY_PROMETHEUS_RETENTION',
		program: 'compose',
		description: 'How long it keeps what it measured, at most 4 GB. Default 30d.',
	},
	{
		variable: 'LATCHKEY_GRAFANA_PORT',
		program: 'compose',
		description: 'Port of 127.0.0.1 on which the Grafana of the bundle is. Default 3000.',
	},
	{
		variable: 'LATCHKEY_URL',
		program: 'console',
		description: 'Address of the appliance that the console talks to.',
	},
	{
		variable: 'LATCHKEY_PROFILE',
		program: 'console',
		description: 'Profile of an earlier login, which has the address; see docs/console.md.',
	},
	{
		variable: 'LATCHKEY_CA',
		program: 'console',
		description:
			'Certificate authority of that appliance, in PEM; usually given as LATCHKEY_CA_FILE.',
	},
	{
		variable: 'LATCHKEY_TOKEN',
		program: 'console',
		description: 'Access token for scripts; usually given as LATCHKEY_TOKEN_FILE.',
	},
	{
		variable: 'LATCHKEY_CLIENT_ID',
		program: 'console',
		description: 'Service account that commands act as; see docs/machines.md.',
	},
	{
		variable: 'LATCHKEY_CLIENT_SECRET',
		program: 'console',
		description: 'Its client secret; usually given as LATCHKEY_CLIENT_SECRET_FILE.',
	},
	{
		variable: 'LATCHKEY_ASCII',
		program: 'console',
		description:
			'1: the console draws with ASCII only; 0: also with other characters, whatever the locale.',
	},
	{
		variable: 'LATCHKEY_THEME',
		program: 'console',
		description: 'How the console looks: default, light or high-contrast.',
	},
	{
		variable: 'LATCHKEY_CALLED_AS',
		program: 'console',
		description:
			'How the commands are called here: what is said to be done is said so. `latchkey`.',
	},
	{
		variable: 'LATCHKEY_READONLY',
		program: 'console',
		description: '1: the console offers nothing that changes anything.',
	},
];
