#!/usr/bin/env node
import {forgetServiceLinks} from '../core/config/service-links.ts';
import {programsOfAppliance} from '../tui/commands/programs-of-appliance.ts';
import {runConsole} from './console.ts';

/**
 * The one binary. Programs of the appliance by name; everything else is the console, which is
 * loaded without them, as they are without it. The health check runs all day: it loads nothing.
 */
const [command = '', ...rest] = process.argv.slice(2);
// Reading the trail is for the console; proving it needs the database, or nothing at all.
const isReading = command === 'audit' && rest[0] !== 'verify';

forgetServiceLinks(process.env);

if (command === 'healthcheck') {
	process.exitCode = await (await import('./healthcheck.ts')).main(rest[0], process.env);
} else if (command === 'operate') {
	process.stdout.write((await import('./operate-usage.ts')).usage);
} else if (programsOfAppliance.includes(command) && !isReading) {
	await (await import('./programs.ts')).runNamed(command, rest);
} else {
	await runConsole(process.argv.slice(2), process.env);
}
