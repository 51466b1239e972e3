import {exitCodes} from '../failure.ts';
import {clean} from '../text/clean.ts';
import type {Command} from './command.ts';

const status: Command = {
	path: ['status'],
	summary: 'Show whether the server works, and what it depends on',
	options: {},
	async run({client, settings, flags, output}) {
		const {body} = await client.call('ready', {});
		const working = body.status === 'ready' || body.status === 'degraded';
		if (flags['json'] === true) output.json(body);
		else if (flags['quiet'] === true) output.lines([clean(body.status)]);
		else {
			output.lines([
				`${settings.url.origin} is ${clean(body.status)}, version ${clean(body.version)}`,
			]);
			output.table(
				['DEPENDENCY', 'STATE', 'DETAIL'],
				Object.entries(body.dependencies).map(([name, {state, detail}]) => [
					name,
					state,
					detail ?? '',
				]),
			);
		}
		return working ? exitCodes.done : exitCodes.failed;
	},
};

export const commands: readonly Command[] = [status];
