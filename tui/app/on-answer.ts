import {withAround} from '../screens/keys/key/around.ts';
import {readOn} from '../screens/kinds/list/open.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {withSparks} from '../usage/sparks.ts';
import {changed} from './changed.ts';
import {identified, loggedOut, probed} from './coming-in.ts';
import type {Answer, Event} from './effect.ts';
import {kindOf} from './kinds.ts';
import {isPartAgain, loaded} from './loaded.ts';
import type {Model, Step} from './model.ts';
import {rearrange} from './on-screens.ts';
import {identify, say} from './navigation.ts';
import type {Heard} from './screen-kind.ts';

/** What an answer makes of the model, and then of the screens that it is about. */
export function onAnswer(model: Model, event: Answer, now: number): Step {
	const isOnline = model.link.state === 'online';
	if (isOnline && event.type === 'loaded' && isPartAgain(model, event)) return [model];
	const {providers} = event.type === 'probed' ? event : model;
	const answered: Model = {...model, now, link: {state: 'online'}, providers};
	const isBack = model.link.state === 'offline' && model.me !== undefined;
	const online = isBack ? say(answered, now, 'The server is back', 'good') : answered;
	if ('epoch' in event && event.epoch !== model.epoch) return [online];
	// What could not be read does not show that the server is there.
	const isUnread = event.type === 'relianceRead' && event.reliance === undefined;
	const [known, ...effects] = learn(model, isUnread ? model : online, event, now);
	const [next, ...more] = handOn(hear(known, event, now), event, {now, before: model});
	return [next, ...effects, ...more];
}

/** What does not depend on the screen. */
function learn(before: Model, online: Model, event: Answer, now: number): Step {
	switch (event.type) {
		case 'probed':
			return probed(before, online, event);
		case 'loggedIn':
			return [online, identify(online)];
		case 'loggedOut':
			return [loggedOut(online)];
		case 'versionRead':
			return [{...online, serverVersion: event.version}];
		case 'identified':
			return identified(online, event, now);
		case 'loaded': {
			const isWanted = event.query === before.queries[event.answer.list];
			return isWanted ? readOn(loaded(online, event, now)) : [online];
		}
		case 'keysFound': {
			const {q, keys} = event;
			const {palette} = online;
			return palette?.text.value.trim() === q
				? [{...online, palette: {...palette, found: {q, keys}}}]
				: [online];
		}
		case 'sparksRead': {
			const sparks = withSparks(online.sparks, event.ids, event.series, now);
			return [{...online, sparks}];
		}
		case 'keyRead':
			return [withAround(online, event.id, {use: event.use})];
		case 'keyAroundRead': {
			const {id, clients, entries} = event;
			return [withAround(online, id, {clients, entries})];
		}
		case 'changed':
			return changed(online, event, now);
		case 'downloading':
			return [say(online, now, `Writing ${event.of.file}: ${countOf(event)} so far …`)];
		case 'downloaded': {
			const {download: _, ...rest} = online;
			return [say(rest, now, `Wrote ${clean(event.file)}: ${countOf(event)}`, 'good')];
		}
		// These are about a screen alone.
		case 'decisionsRead':
		case 'deliveryRead':
		case 'deviceApproved':
		case 'deviceStarted':
		case 'keyExplained':
		case 'keyLimitsRead':
		case 'keyClientsRead':
		case 'keyRecognised':
		case 'keysOfLeaversRead':
		case 'keyUsageRead':
		case 'keysChanged':
		case 'keysChanging':
		case 'rowsChanged':
		case 'overviewRead':
		case 'passwordSet':
		case 'policyReadToChange':
		case 'policyTried':
		case 'readToChange':
		case 'relianceRead':
		case 'roleReadToChange':
		case 'replayCounted':
		case 'webhookTested':
			return [online];
	}
}

function countOf({lines, of}: Extract<Answer, {type: 'downloading' | 'downloaded'}>): string {
	return plural(lines, of.nouns);
}

/** Lets every screen take up what an answer, or a failure, changes in it. */
export function hear(
	model: Model,
	event: Answer | Extract<Event, {type: 'failed'}>,
	now: number,
): Model {
	const screens = model.screens.map(
		(screen) => kindOf(screen).hear?.(screen, event, now) ?? screen,
	);
	return {...model, screens};
}

/** Offers the answer to the screens from the top down, until one goes on with it. */
function handOn(model: Model, event: Answer, heard: Heard): Step {
	for (const screen of model.screens.toReversed()) {
		const step = kindOf(screen).onAnswer?.(model, screen, event, heard);
		if (step === undefined) continue;
		const [next, ...effects] = step;
		// Tables show the rows that it changed, sorted and filtered.
		return [next === model ? next : rearrange(next), ...effects];
	}
	return [model];
}
