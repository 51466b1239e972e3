import {Failure} from '../failure.ts';
import type {Command} from './command.ts';

/** Options that are not called as the member of the API that they give. */
const otherwise: Readonly<Record<string, string>> = {
	url: 'to',
	event_types: 'events',
	event_type: 'event',
	endpoint_id: 'webhook',
	grace_seconds: 'grace',
	finish_when_unused_seconds: 'unused',
	rate_limits: 'rate-limit',
	roles: 'role',
	tags: 'tag',
	scope_query: 'scopes',
};

/** A failure about a member of the API, told by the option of the command that gives it. */
export function inOptionWords(error: unknown, {options, assignments = {}}: Command): unknown {
	if (!(error instanceof Failure)) return error;
	const {field} = error.details;
	if (field === undefined || !new RegExp(`^${field}\\b`).test(error.message)) return error;
	const dashed = field.replaceAll('_', '-');
	const names = [otherwise[field] ?? dashed, dashed, dashed.replace(/-at$/, '')];
	const option = names.find((name) => name in options);
	const word = option === undefined ? undefined : `--${option}`;
	if (word === undefined || field in assignments) return error;
	const told = new Failure(error.kind, word + error.message.slice(field.length), error.details);
	return told;
}
