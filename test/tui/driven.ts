import {allTerms} from '../../contract/key-terms.ts';
import {asMade, type CreatedKey, type FullKey, type KeyDetail} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Me} from '../../contract/people.ts';
import type {Effect, Event} from '../../tui/app/effect.ts';
import {initialModel, type Model} from '../../tui/app/model.ts';
import {isHealth} from '../../tui/app/lists.ts';
import {top} from '../../tui/app/navigation.ts';
import {update} from '../../tui/app/update.ts';
import {Failure} from '../../tui/failure.ts';
import {wordOf} from '../../tui/screens/keys/clean-up/facts.ts';
import {keyForm} from '../../tui/screens/keys/form/fields.ts';

/*
The console without a screen: events in, model and effects out, at instants the test chooses.
*/

/** The fields of the form of a key, in its order: the name comes first. */
export const keyFields = keyForm().fields.map(({name}) => name);

/** The keys that lead past the name and the terms of a new key, and then send it. */
export const throughKeyForm = keyFields.map(() => 'enter');

export const start = Date.parse('2026-03-12T12:00:00Z');
export const organisation: Organisation = {
	id: '11111111-1111-4111-8111-111111111111',
	name: 'acme',
	plan: 'team',
	created_at: '2026-01-01T00:00:00Z',
};
export const me: Me = {
	id: '22222222-2222-4222-8222-222222222222',
	email: 'ana@acme.example',
	operator: true,
	organization: organisation,
	role: 'owner',
};
export const unused: FullKey = {
	id: '33333333-3333-4333-8333-333333333333',
	name: 'unused',
	created_at: '2026-03-01T00:00:00Z',
	last_used_at: null,
	revoked_at: null,
	hint: 'hklst_aB3dE6',
	lineage_id: '33333333-3333-4333-8333-333333333333',
	...asMade,
	...allTerms({}),
};
export const used: FullKey = {
	...unused,
	id: '44444444-4444-4444-8444-444444444444',
	name: 'ingest-prod',
	last_used_at: '2026-03-12T11:59:48Z',
};
/** As the single key is read. */
export const detail: KeyDetail = {
	...used,
	created_by: 'ana@acme.example',
	last_used_address: '10.20.0.7',
	revoked_by: null,
	creator: {type: 'user', id: me.id, name: me.email},
	revoker: null,
	suspended_reason: null,
	revocation_note: null,
	metadata: {},
	quota_used: null,
	quota_resets_at: null,
	last_used_agent: 'ingest/2.1',
	last_used_address_at: '2026-03-12T11:59:48Z',
};
export const created: CreatedKey = {
	...unused,
	id: '55555555-5555-4555-8555-555555555555',
	name: 'fresh',
	key: 'hklst_secretABCD',
	last_used_at: null,
	revoked_at: null,
};

/** A console that a test drives; `effects` are what the last event asked for. */
export type Driven = {
	model: Model;
	now: number;
	effects: Effect[];
	send: (...events: Event[]) => Driven;
	/** Presses keys as a person does who has read what is shown. */
	press: (...keys: string[]) => Driven;
	/** The same without waiting for the console to listen. */
	hit: (...keys: string[]) => Driven;
	/** Answers a question so that it is done: by enter, or by its word and enter. */
	agree: () => Driven;
	write: (text: string) => Driven;
	wait: (ms: number) => Driven;
	/** The change that the last event asked for is made. */
	answers: (body: Readonly<Record<string, unknown>>, revocation?: string) => Driven;
	fails: (failure: Failure, effect?: Effect) => Driven;
};

export function drive(
	model: Model = initialModel('http://server:8080', {columns: 80, rows: 24}, start),
): Driven {
	const driven: Driven = {
		model,
		now: start,
		effects: [],
		send(...events) {
			for (const event of events) {
				const [next, ...effects] = update(driven.model, event, driven.now);
				driven.model = next;
				driven.effects = effects;
			}
			return driven;
		},
		press(...keys) {
			for (const key of keys) {
				driven.now = Math.max(driven.now, driven.model.hearing.deafUntil);
				driven.hit(key);
			}
			return driven;
		},
		hit: (...keys) => driven.send(...keys.map((key): Event => ({type: 'key', key}))),
		agree() {
			const screen = top(driven.model);
			if (screen.type === 'cleanUp') {
				return driven.write(wordOf(screen, driven.now)).press('enter');
			}
			if (screen.type !== 'confirm') throw new Error('nothing is asked');
			return driven.write(screen.word ?? '').press('enter');
		},
		write: (text) => driven.press(...text.split('')),
		wait(ms) {
			driven.now += ms;
			return driven.send({type: 'tick'});
		},
		answers(body, revocation) {
			const asked = driven.effects.find((effect) => effect.do === 'change');
			if (asked === undefined) throw new Error('no change was asked for');
			const where = revocation === undefined ? {} : {revocation};
			return driven.send({type: 'changed', change: asked.change, body, ...where});
		},
		fails(failure, effect = driven.effects.at(-1)) {
			if (effect === undefined) throw new Error('nothing was asked for');
			return driven.send({type: 'failed', effect, failure});
		},
	};
	return driven;
}

/** Health that is read and says that all is well. */
export function wellAnswer(list: 'system' | 'readiness', took = 10): Event {
	const dependency = {state: 'ok'} as const;
	const diagnosis = {version: '1.0.0', checked_at: '2026-03-12T12:00:00Z', level: 'ok'} as const;
	const report = {
		id: list,
		version: '1.0.0',
		dependencies: {postgresql: dependency, redis: dependency},
		...(list === 'system' ? {checks: {...diagnosis, checks: []}} : {}),
	};
	return {type: 'loaded', answer: {list, items: [report]}, partial: false, took, epoch: 1};
}

/** What is asked of a list that one looks at. */
export function looks({effects}: Driven): Effect[] {
	return effects.filter((effect) => effect.do !== 'load' || !isHealth(effect.list));
}

export function loggedIn(
	keys: readonly FullKey[] = [unused, used],
	who: Me = me,
	where = organisation,
) {
	const driven = drive();
	driven.send(
		{type: 'probed', setupRequired: false, session: true, tokenFound: false, providers: []},
		{type: 'identified', me: {...who, organization: where}, organisations: [where], epoch: 0},
		{type: 'loaded', answer: {list: 'keys', items: keys}, partial: false, took: 10, epoch: 1},
		wellAnswer('system'),
		wellAnswer('readiness'),
	);
	return driven;
}

export const away = new Failure('unreachable', 'Cannot reach the server: nothing listens there', {
	reason: 'nothing listens there',
});
export const ended = new Failure('signed_out', 'The session has ended');
