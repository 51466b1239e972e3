import type {Endpoint} from '../../../../contract/webhooks.ts';
import {changeOf, type Event, type Replay} from '../../../app/effect.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import type {ConfirmScreen} from '../../kinds/confirm/screen.ts';
import {push, say, top} from '../../../app/navigation.ts';
import type {Model, Step} from '../../../app/model.ts';
import {type Failure, reasonOf} from '../../../failure.ts';
import {clean} from '../../../text/clean.ts';
import {plural} from '../../../text/plural.ts';
import {ago, moment} from '../../../text/time.ts';
import {newChoiceScreen} from '../../kinds/choice/state.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import {nameOf} from './names.ts';
import {managing, manages, mayNot} from './start.ts';

function newDisableScreen(endpoint: Endpoint, organisation: string): ConfirmScreen {
	const name = nameOf(endpoint);
	return newConfirmScreen(
		{
			name: 'disableWebhook',
			kept: `${name} is still enabled`,
			undo: 'd enables it again, and offers to send what it missed.',
			title: 'disable',
			question: `Disable the endpoint ${name}?`,
			facts: [
				[clean(endpoint.url), 'dim'],
				['', 'plain'],
				['Nothing more is sent to it, and waiting deliveries are cancelled.', 'plain'],
			],
			verb: 'Disable',
			busyText: 'Disabling …',
		},
		changeOf(
			'updateWebhook',
			{org_id: organisation, webhook_id: endpoint.id, body: {status: 'disabled'}},
			{done: `Disabled ${name}`, reload: 'webhooks'},
		),
	);
}

/** Asks whether to disable an endpoint, or counts what it missed to ask how to enable it. */
export function toggle(model: Model, endpoint: Endpoint, now: number): Step {
	const {disabled_at: since} = endpoint;
	if (since === null) {
		return managing(model, now, (organisation) => newDisableScreen(endpoint, organisation));
	}
	const organisation = manages(model);
	if (organisation === undefined) return [mayNot(model, now)];
	const replay: Replay = {which: 'missing', since};
	return [
		say(model, now, 'Counting what it missed …'),
		{do: 'countReplay', organisation, endpoint: endpoint.id, replay},
	];
}

/** What a disabled endpoint missed has been counted; on any other screen nothing is asked. */
export function missedCounted(
	model: Model,
	{endpoint: id, replay, count}: Extract<Event, {type: 'replayCounted'}>,
	now: number,
): Step | undefined {
	const screen = top(model);
	const endpoint = model.webhooks.items.find((item) => item.id === id);
	const {organisation, notice: _, ...rest} = model;
	if (screen.type !== 'webhooks' || screen.table.id !== id) return undefined;
	if (endpoint === undefined || organisation === undefined) return undefined;
	const missed = {since: replay.since, count};
	return [push({...rest, organisation}, newEnableScreen(endpoint, organisation.id, missed, now))];
}

/** It could not be counted; where there was no answer at all the status line has said so. */
export function notCounted(model: Model, failure: Failure, now: number): Model {
	if (failure.kind === 'unreachable' || failure.kind === 'signed_out') return model;
	return say(model, now, reasonOf(failure), 'bad');
}

/** Enabling asks: send what was missed, or go on from now. */
function newEnableScreen(
	endpoint: Endpoint,
	organisation: string,
	missed: {since: string; count: number},
	now: number,
): ChoiceScreen {
	const name = nameOf(endpoint);
	const enable = (done: string, replays?: true) =>
		changeOf(
			'updateWebhook',
			{
				org_id: organisation,
				webhook_id: endpoint.id,
				body: {status: 'active', ...(replays === undefined ? {} : {replay_missed: replays})},
			},
			{done, reload: 'webhooks'},
		);
	const events = plural(missed.count, ['event', 'events']);
	const skip = {
		label: 'from now on',
		meaning: 'what it missed stays unsent (m sends it later)',
		act: enable(`Enabled ${name}`),
	};
	const all = {
		label: 'send what it missed',
		meaning: `${events} since then, and what was waiting at that time`,
		act: enable(`Enabled, and sending what it missed: ${name}`, true),
	};
	return newChoiceScreen({
		name: 'enableWebhook',
		kept: `${name} is still disabled`,
		title: 'enable',
		heading: `Enable ${name}? It was disabled ${ago(missed.since, now)} (${moment(missed.since)}).`,
		options: [all, skip],
	});
}
