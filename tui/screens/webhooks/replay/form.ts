import {replayable, replayRequest} from '../../../../contract/webhooks.ts';
import {toTimestamp} from '../../../../contract/text.ts';
import type {FormScreen} from '../../kinds/form/screen.ts';
import type {Replay} from '../../../app/effect.ts';
import {top} from '../../../app/navigation.ts';
import type {Model} from '../../../app/model.ts';
import {formOf} from '../../../components/form/state.ts';
import {fieldOf} from '../../../components/text-field/state.ts';
import {duration} from '../../../text/time.ts';
import {endpointName} from '../deliveries/names.ts';
import {replayCounted} from './counted.ts';
import type {FormSpec} from '../../kinds/form/spec.ts';
import {problemsOf} from '../../kinds/form/problems.ts';

type Values = Readonly<Record<string, string>>;

export function newReplayManyForm(endpoint: string): FormScreen {
	return {
		type: 'form',
		name: 'replayMany',
		id: endpoint,
		form: formOf([
			{name: 'which', label: 'Which', options: replayable, value: fieldOf('dead')},
			{name: 'since', label: 'Since', value: fieldOf('24h')},
			{name: 'event_type', label: 'Event type'},
		]),
	};
}

export const replayManyForm: FormSpec = {
	title: 'replay many',
	heading: (model) => `Send events to ${endpointOf(model)} again`,
	advice:
		'Which: dead (never received), missing (never sent, as while it was disabled) or all. Since: such as 90m, 24h, 7d, or 2030-01-15T10:30:00Z. Event type: one, or nothing for every type. The next step says how many there are.',
	busyText: 'Counting …',
	validate: (values) => problemsOf(parse(values, 0)),
	onAnswer: (model, screen, event, {now}) =>
		event.type === 'replayCounted' ? replayCounted(model, screen, event, now) : undefined,
	act(values, model, {id}) {
		const replay = replayOf(values, model.now);
		if (replay === undefined || id === undefined || model.organisation === undefined) {
			return undefined;
		}
		return {do: 'countReplay', organisation: model.organisation.id, endpoint: id, replay};
	},
};

function endpointOf(model: Model): string {
	const screen = top(model);
	const id = screen.type === 'form' ? screen.id : undefined;
	return id === undefined ? '' : endpointName(model, {endpoint_id: id});
}

function parse({which = '', since = '', event_type: type = ''}: Values, now: number) {
	return replayRequest.safeParse({
		which,
		since: instantOf(since.trim(), now),
		...(type.trim() === '' ? {} : {event_type: type.trim()}),
	});
}

/** What is sent: the same question is asked to count and to replay. */
function replayOf(values: Values, now: number): Replay | undefined {
	const {data} = parse(values, now);
	if (data === undefined) return undefined;
	const {which, since, event_type: type} = data;
	return {
		which,
		since: toTimestamp(since),
		...(type === undefined ? {} : {event_type: type}),
	};
}

/** `24h` counts back from now; anything that is not a time is left for the contract to refuse. */
function instantOf(text: string, now: number): string {
	const back = duration(text);
	return back === undefined ? text : toTimestamp(new Date(now - back));
}
