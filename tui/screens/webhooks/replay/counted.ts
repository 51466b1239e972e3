import {changeOf, type Event, type Replay} from '../../../app/effect.ts';
import type {Model, Step} from '../../../app/model.ts';
import {setTop, top} from '../../../app/navigation.ts';
import {reduceForm} from '../../../components/form/state.ts';
import {plural} from '../../../text/plural.ts';
import {ago, moment} from '../../../text/time.ts';
import type {ConfirmScreen} from '../../kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../kinds/confirm/state.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import {endpointName} from '../deliveries/names.ts';

/** The events have been counted: the question says how many, before anything is sent. */
export function replayCounted(
	model: Model,
	screen: FormScreen,
	{endpoint, replay, count}: Extract<Event, {type: 'replayCounted'}>,
	now: number,
): Step | undefined {
	const {organisation} = model;
	const isAsked = screen.id === endpoint && screen.form.busy && top(model) === screen;
	if (!isAsked || organisation === undefined) return undefined;
	if (count === 0) {
		const problem = 'There are no such events. Nothing was sent.';
		const form = reduceForm(screen.form, {type: 'refused', problem}, () => ({}));
		return [setTop(model, {...screen, form})];
	}
	const name = endpointName(model, {endpoint_id: endpoint});
	return [
		setTop(model, newReplayManyScreen({endpoint, replay, count, name}, organisation.id, now)),
	];
}

/** The most that the API sends again at once. */
const mostReplayed = 10_000;

const meanings: Record<Replay['which'], string> = {
	dead: 'Only the dead: sent to it, and never received.',
	missing: 'Only the missing: never sent to it.',
	all: 'All of them: those that it has received, it gets once more.',
};

function newReplayManyScreen(
	asked: {endpoint: string; replay: Replay; count: number; name: string},
	organisation: string,
	now: number,
): ConfirmScreen {
	const {endpoint, replay, count, name} = asked;
	const events = plural(count, ['event', 'events']);
	return newConfirmScreen(
		{
			name: 'replayMany',
			kept: 'nothing was sent',
			title: 'replay',
			question: `Send ${events} to ${name} again?`,
			facts: [
				[
					`${replay.event_type ?? 'every type'}, since ${moment(replay.since)} (${ago(replay.since, now)})`,
					'dim',
				],
				['', 'plain'],
				[meanings[replay.which], 'plain'],
				['Each keeps its webhook-id; the oldest comes first.', 'plain'],
				...(count < mostReplayed
					? []
					: ([
							['There may be more: this is the most that is sent at a time.', 'warning'],
						] as const)),
			],
			verb: 'Send again',
			busyText: 'Sending …',
			word: `replay ${count}`,
			ask: 'To send them again, type',
		},
		changeOf(
			'replayDeliveries',
			{org_id: organisation, webhook_id: endpoint, body: replay},
			{done: `${events} on the way to ${name}`, reload: 'deliveries'},
		),
	);
}
