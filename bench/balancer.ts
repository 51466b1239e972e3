import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';

const shipped = path.join(import.meta.dirname, '../../deploy/compose/balancer/Caddyfile');

/** What of it is of the container, and what stands for it here. */
function changes(port: number, server: {port: number}): readonly [RegExp, string][] {
	return [
		[/^\{\$SITE\} \{$/m, `http://127.0.0.1:${port} {`],
		[/^\timport \/tmp\/tls\/site$/m, ''],
		[/^\t\t\t\tname server\.$/m, '\t\t\t\tname 127.0.0.1'],
		[/^\t\t\t\tport 8080$/m, `\t\t\t\tport ${server.port}`],
		// Its health check, and certificates.
		[/^http:\/\/127\.0\.0\.1:8081 \{[^]*$/m, ''],
	];
}

/**
 * Writes the configuration of the bundle's balancer, in front of one server.
 *
 * @returns arguments for Caddy, and its environment
 * @throws where the bundle's has another form
 */
export async function prepareBalancer(
	directory: string,
	port: number,
	server: {port: number},
): Promise<{args: string[]; env: Record<string, string>}> {
	const folder = path.join(directory, `balancer-${port}`);
	await mkdir(folder);
	let text = await readFile(shipped, 'utf8');
	for (const [pattern, replacement] of changes(port, server)) {
		if (!pattern.test(text)) throw new Error(`the balancer's Caddyfile has no ${pattern}`);
		text = text.replace(pattern, replacement);
	}
	const file = path.join(folder, 'Caddyfile');
	await writeFile(file, text);
	return {
		args: ['run', '--adapter', 'caddyfile', '--config', file],
		env: {
			HOME: folder,
			XDG_DATA_HOME: folder,
			XDG_CONFIG_HOME: folder,
		},
	};
}
