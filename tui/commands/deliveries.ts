import {eventTypeNames} from '../../contract/events.ts';
import {
	type Attempt,
	deliveryQuery,
	type Delivery,
	deliveryStatuses,
	replayable,
	replayRequest,
} from '../../contract/webhooks.ts';
import {pages} from '../client/pages.ts';
import {exitCodes} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {moment} from '../text/time.ts';
import {answerChange, type Column, listing} from './answer.ts';
import {type Command, confirmOption, type Context, organisationOption} from './command.ts';
import {agrees, confirmedByFlag} from './confirm.ts';
import {checked, onlyArgument, periodFlags, textFlag} from './flags.ts';
import {organisationId} from './organisation.ts';
import {findWebhookId, webhookPlace} from './resource-ids.ts';

const facts: readonly Column<Delivery>[] = [
	['id', ({id}) => id],
	['time', ({created_at}) => moment(created_at)],
	['event', ({event_type}) => event_type],
	['status', ({status}) => status],
	['attempts', ({attempts}) => String(attempts)],
	['http', ({last_status_code}) => String(last_status_code ?? '-')],
	[
		'next attempt',
		({next_attempt_at}) => (next_attempt_at === null ? '-' : moment(next_attempt_at)),
	],
];

const attemptColumns: readonly Column<Attempt>[] = [
	['attempt', ({number}) => String(number)],
	['started', ({started_at}) => moment(started_at)],
	['result', ({result}) => result],
	['http', ({status_code}) => String(status_code ?? '-')],
	['ms', ({timings}) => String(Math.round(timings.total))],
	['detail', ({detail}) => detail ?? ''],
];

const since = {
	type: 'string',
	value: 'TIME',
	help: 'from this time on, such as 24h or 2030-01-15T10:30:00Z',
} as const;
const until = {type: 'string', value: 'TIME', help: 'before this time'} as const;
const event = {
	type: 'string',
	value: 'TYPE',
	choices: eventTypeNames,
	help: 'only of this type',
} as const;

/** The part of `latchkey webhooks` that is about what was sent. */
export const commands: readonly Command[] = [
	listing({
		path: ['webhooks', 'deliveries'],
		summary: 'List deliveries to all endpoints, newest first',
		options: {
			...organisationOption,
			webhook: {type: 'string', value: 'ID|URL', help: 'only to this endpoint'},
			event,
			status: {type: 'string', value: 'STATUS', choices: deliveryStatuses, help: 'only these'},
			since,
			until,
		},
		columns: facts,
		id: ({id}) => id,
		none: 'No deliveries.',
		async *pages(context, most) {
			const {client, flags} = context;
			const given = {
				event_type: flags['event'],
				status: flags['status'],
				...periodFlags(context),
			};
			const hint = 'See `latchkey webhooks deliveries --help`.';
			const asked = checked(deliveryQuery, given, hint);
			const org_id = await organisationId(context);
			const wanted = textFlag(flags, 'webhook');
			const query =
				wanted === undefined
					? asked
					: {...asked, endpoint_id: await findWebhookId(client, org_id, wanted)};
			yield* pages(client, 'listDeliveries', {org_id, query}, most);
		},
	}),
	{
		path: ['webhooks', 'delivery'],
		arguments: 'ID',
		summary: 'Show one delivery, what was sent and how each attempt went',
		options: organisationOption,
		async run(context) {
			const {client, flags, output, now} = context;
			const delivery_id = onlyArgument(context, 'delivery');
			const org_id = await organisationId(context);
			const {body: delivery} = await client.call('getDelivery', {org_id, delivery_id});
			if (flags['json'] === true) output.json(delivery);
			else if (flags['quiet'] === true) output.lines([delivery.id]);
			else {
				const own = facts.map(([title, cell]) => [title, cell(delivery, now)] as const);
				output.facts([...own, ['to', delivery.url], ['payload', delivery.payload]]);
				output.table(
					attemptColumns.map(([title]) => title.toUpperCase()),
					delivery.log.map((attempt) => attemptColumns.map(([, cell]) => cell(attempt, now))),
				);
			}
			return exitCodes.done;
		},
	},
	{
		path: ['webhooks', 'replay'],
		arguments: 'DELIVERY',
		summary: 'Send the event of one delivery again',
		changes: true,
		options: organisationOption,
		async run(context) {
			const delivery_id = onlyArgument(context, 'delivery');
			const org_id = await organisationId(context);
			const {body: delivery} = await context.client.call('replayDelivery', {org_id, delivery_id});
			return answerChange(context, delivery, `${clean(delivery.event_type)} is sent again, as`);
		},
	},
	{
		path: ['webhooks', 'replay-many'],
		arguments: webhookPlace,
		summary: 'Send many events to an endpoint again; says how many first',
		changes: true,
		options: {
			...organisationOption,
			which: {
				type: 'string',
				value: 'WHICH',
				choices: replayable,
				required: true,
				help: 'those given up, those never sent, or all',
			},
			event,
			since: {...since, required: true, help: 'from this time on, such as 24h or a time'},
			until,
			'dry-run': {type: 'boolean', help: 'only say how many'},
			...confirmOption,
		},
		run: replayMany,
	},
];

async function replayMany(context: Context): Promise<number> {
	const {client, flags, output} = context;
	const wanted = onlyArgument(context, 'webhook');
	const given = {which: flags['which'], event_type: flags['event'], ...periodFlags(context)};
	const hint = 'latchkey webhooks replay-many ID|URL --which dead --since 24h';
	const body = checked(replayRequest, given, hint);
	const isDryRun = flags['dry-run'] === true;
	const isConfirmed = isDryRun || confirmedByFlag(context, 'Sending events again');
	const org_id = await organisationId(context);
	const webhook_id = await findWebhookId(client, org_id, wanted);
	const replay = async (dry_run: boolean) =>
		(await client.call('replayDeliveries', {org_id, webhook_id, body: {...body, dry_run}})).body;
	const counted = await replay(true);
	const isEmpty = counted.count === 0;
	const isAgreed =
		isConfirmed || isEmpty || (await agrees(context, `Send ${counted.count} events again?`));
	if (!isAgreed) {
		output.say('Nothing was sent.');
		return exitCodes.usage;
	}
	if (!isDryRun && !isEmpty) output.say(`Sending ${counted.count} events again.`);
	const result = isDryRun || isEmpty ? counted : await replay(false);
	if (flags['json'] === true) output.json(result);
	else output.lines([String(result.count)]);
	return exitCodes.done;
}
