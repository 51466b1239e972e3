import type {CreatedKey, FullKey} from '../../contract/keys.ts';
import type {Organisation} from '../../contract/organisations.ts';
import type {Me} from '../../contract/people.ts';
import {initialModel, type Effect, type Event, type Model} from '../../tui/app/model.ts';
import {update} from '../../tui/app/update.ts';
import {Failure} from '../../tui/failure.ts';

/*
The console without a screen: events in, model and effects out, at instants the test chooses.
*/

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
	expires_at: null,
};
export const used: FullKey = {
	...unused,
	id: '44444444-4444-4444-8444-444444444444',
	name: 'ingest-prod',
	last_used_at: '2026-03-12T11:59:48Z',
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
export function drive(
	model: Model = initialModel('http://server:8080', {columns: 80, rows: 24}, start),
) {
	const driven = {model, now: start, effects: [] as Effect[]};
	const send = (...events: Event[]) => {
		for (const event of events) {
			const [next, ...effects] = update(driven.model, event, driven.now);
			driven.model = next;
			driven.effects = effects;
		}
		return driven;
	};
	return Object.assign(driven, {
		send,
		press: (...keys: string[]) => send(...keys.map((key): Event => ({type: 'key', key}))),
		write: (text: string) => send(...text.split('').map((key): Event => ({type: 'key', key}))),
		wait(ms: number) {
			driven.now += ms;
			return send({type: 'tick'});
		},
		fails(failure: Failure, effect = driven.effects.at(-1)) {
			if (effect === undefined) throw new Error('nothing was asked for');
			return send({type: 'failed', effect, failure});
		},
	});
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
	);
	return driven;
}

export const away = new Failure('unreachable', 'Cannot reach the server: nothing listens there', {
	reason: 'nothing listens there',
});
export const ended = new Failure('signed_out', 'The session has ended');
