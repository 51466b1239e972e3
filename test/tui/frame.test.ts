import test from 'ava';
import type {Permission} from '../../contract/permissions.ts';
import type {Route} from '../../contract/route.ts';
import {type RouteName, routes} from '../../contract/routes.ts';
import type {Client} from '../../tui/client/client.ts';
import {Failure} from '../../tui/failure.ts';
import {glyphsFor} from '../../tui/glyphs.ts';
import {crumbsOf, headOf} from '../../tui/app/header.tsx';
import {goTo} from '../../tui/app/common-commands.ts';
import type {ListSource} from '../../tui/app/list-source.ts';
import {lists} from '../../tui/app/lists.ts';
import {top} from '../../tui/app/navigation.ts';
import {places} from '../../tui/app/on-screens.ts';
import {hereOf, screensLine} from '../../tui/app/screens-line.tsx';
import {hintsFor} from '../../tui/components/hints.tsx';
import {kindOf} from '../../tui/app/kinds.ts';
import type {Part} from '../../tui/components/line.tsx';
import {width} from '../../tui/text/width.ts';
import {isolated} from '../../tui/text/bidi.ts';
import {drawn} from './drawn.ts';
import {loggedIn, looks, me, organisation, unused, used} from './driven.ts';

const glyphs = glyphsFor({});
const textOf = (parts: readonly Part[]) => parts.map(([text]) => text).join('');

test('the crumbs say the place, not the way there', (t) => {
	const driven = loggedIn([used]);
	t.deepEqual(crumbsOf(driven.model), ['acme', 'keys']);
	t.deepEqual(crumbsOf(driven.press('enter', 'U').model), ['acme', 'keys', 'ingest-prod', 'usage']);
	t.deepEqual(crumbsOf(driven.press('6').model), ['acme', 'webhooks']);
	t.is(hereOf(driven.model), 'showWebhooks');
	t.deepEqual(crumbsOf(driven.press('5', 'A').model), ['acme', 'audit of the appliance']);
	t.is(hereOf(driven.model), 'showAudit');
	t.deepEqual(crumbsOf(driven.press('8', 'S').model), ['acme', 'settings', 'my sessions']);
	t.is(hereOf(driven.model), 'showSettings');
});

test('the last crumb, and how fresh it is, are there as long as they fit', (t) => {
	const crumbs = ['an organisation of a long name', 'keys', 'billing-prod', 'rotation'];
	const facts = [
		{part: ['owner'] as const},
		{part: ['ana-maria@example.com'] as const, short: ['ana-mari…'] as const},
		{part: ['live 5s'] as const},
	];
	for (let columns = 24; columns <= 160; columns++) {
		const {parts, right} = headOf(crumbs, facts, columns, glyphs);
		const text = textOf(parts);
		t.true(text.endsWith('rotation'), `${columns}: ${text}`);
		t.true(width(text) + width(textOf(right)) + 2 <= columns, String(columns));
		t.true(textOf(right).endsWith('live 5s'));
		// Names give way from the left, and whoever one is before them.
		if (text.includes('keys')) t.true(text.includes('billing-prod'));
		if (textOf(right).includes('@')) t.true(text.includes('billing-prod'));
	}
	const wide = headOf(crumbs, facts, 120, glyphs);
	t.is(textOf(wide.parts), ` ${crumbs.join(' › ')}`);
	t.is(textOf(wide.right), 'owner · ana-maria@example.com · live 5s');
});

test('the line of screens fits, with where one is and what is wrong', (t) => {
	const sign = {at: 'showHealth', level: 'failure'} as const;
	for (const here of ['showKeys', 'showSettings', 'showLimited', 'showLive'] as const) {
		for (let columns = 60; columns <= 200; columns++) {
			const parts = screensLine(here, [sign], columns);
			t.true(width(textOf(parts)) <= columns, `${here} at ${columns}`);
			t.true(parts.some(([text, role]) => role === 'here' && /[A-Z]/.test(text)));
			t.regex(textOf(parts), /7 Health!/);
			for (const key of '12345678') t.true(textOf(parts).includes(` ${key}`));
		}
	}
	t.is(
		textOf(screensLine('showKeys', [sign], 80)),
		' 1 Keys  2 Sources  3 Orgs  4 Members  5 Audit  6 Webhooks  7 Health! 8 Settings',
	);
	t.regex(textOf(screensLine('showKeys', [{...sign, level: 'unknown'}], 80)), /7 Health\? /);
});

test('help finds a shortcut and presses it', (t) => {
	const driven = loggedIn([used]).press('?', 'j', 'k', '/').write('webhooks');
	t.is(top(driven.model).type, 'keys');
	driven.press('enter');
	t.is(driven.model.help, undefined);
	t.is(top(driven.model).type, 'webhooks');
	// The line that is marked is the one that is run.
	driven.press('1', '?', 'enter');
	t.is(top(driven.model).type, 'key');
	driven.press('?', '/').write('no such thing').press('enter', 'escape');
	t.is(driven.model.help?.search, undefined);
	t.is(driven.press('escape').model.help, undefined);
});

test('what is written from right to left keeps to its own place', (t) => {
	t.is(isolated('plain   '), 'plain   ');
	t.is(isolated('שלום   '), '\u2068שלום\u2069   ');
	t.is(width(isolated('שלום   ')), width('שלום   '));
});

test('with marks the hints say what is done to how many, first of all', (t) => {
	const driven = loggedIn([used, {...unused, id: `${unused.id.slice(0, -1)}9`}]).press('*');
	const screen = top(driven.model);
	const {contexts, hints, hintedFirst} = kindOf(screen);
	const shown = hintsFor({
		contexts: contexts(screen, driven.model),
		columns: 60,
		leavesTo: 'quit',
		words: hints?.(screen, driven.model) ?? {},
		first: hintedFirst?.(screen) ?? [],
	});
	t.deepEqual(
		shown.slice(0, 3).map(({key, text}) => `${key} ${text}`),
		['d suspend 2', 'x revoke 2', 'u drop 2 marked'],
	);
	t.true(shown.some(({key}) => key === '?'));
});

test('while the plan refuses keys a line says so on their list, and so does each that would work', async (t) => {
	const held = {...unused, id: 'held', name: 'held', suspended_at: '2026-03-01T00:00:00Z'};
	const many = Array.from({length: 60}, (_, index) => ({
		...unused,
		id: `many ${index}`,
		name: `key ${index}`,
	}));
	const on = (plan: string, who: typeof me) =>
		loggedIn([unused, held, ...many], who, {...organisation, plan: plan as 'pro'});
	const refused = on('pro', {...me, operator: false});
	const screen = await drawn(t, refused.model, {NO_COLOR: '1'});
	const text = await screen.show(refused.model);
	t.regex(text, /! Every key is refused: the pro plan has no API keys; an operator changes it/);
	t.regex(text, /unused +! plan/);
	t.regex(text, /held +suspended/);
	t.regex(await screen.show(refused.press('G').model), /▌ key 59/, 'the last row is on the screen');
	t.regex(await screen.show(on('pro', me).model), /3, then e changes it/);
	const detailed = await screen.show(on('pro', me).press('enter').model);
	t.regex(detailed, /Status +active, but the plan has every key refused/);
	const works = await screen.show(on('team', me).model);
	t.notRegex(works, /refused|! plan/);
	t.regex(works, /unused +active/);
});

test('who may not is told who may, and not which key would do it', async (t) => {
	const who = {...me, operator: false} as const;
	const driven = loggedIn([], {...who, role: 'viewer'});
	const screen = await drawn(t, driven.model, {NO_COLOR: '1'});
	t.regex(await screen.show(driven.model), /Developers, admins and owners create them\./);
	t.regex(
		await screen.show(driven.press('5').model),
		/Only admins and owners read the audit trail\./,
	);
	const audit = await screen.show(driven.model);
	t.regex(audit, / not shown to your role/);
	t.notRegex(audit, /failed|loading|0 entries|Press R/);
	t.deepEqual(looks(driven), [], 'the server is not asked for what it would refuse');
	const owner = loggedIn([], {...who, role: 'owner'});
	t.regex(await screen.show(owner.model), /Press n to create the first one/);
	t.notRegex(await screen.show(owner.press('5').model), /Only admins/);
});

test('whom a role shows nothing sees no failure, and the server is asked for nothing that it would refuse', async (t) => {
	const driven = loggedIn([], {...me, operator: false, role: 'verifier'});
	const screen = await drawn(t, driven.model, {NO_COLOR: '1'});
	for (const place of places) {
		const [model, ...effects] = goTo(driven.model, place);
		const asked = effects.flatMap((effect) => (effect.do === 'load' ? [effect.list] : [effect.do]));
		t.deepEqual(
			asked.filter((list) => !['organisations', 'sessions', 'readiness'].includes(list)),
			[],
			place.name,
		);
		t.notRegex(await screen.show(model), /failed|could not be read/, place.name);
	}
});

test('whose role is taken away meanwhile sees what it is now, and asks once; R tells of one that is given', async (t) => {
	const who = {...me, operator: false} as const;
	const driven = loggedIn([used], {...who, role: 'owner'});
	const screen = await drawn(t, driven.model, {NO_COLOR: '1'});
	const refused = new Failure('refused', 'Your role does not allow this operation', {
		status: 403,
		code: 'role_required',
	});
	const load = driven.press('5').effects.find((effect) => effect.do === 'load');
	driven.fails(refused, load);
	t.deepEqual(
		driven.effects.map((effect) => effect.do),
		['identify'],
	);
	driven.fails(refused, load);
	t.deepEqual(
		driven.effects,
		[],
		'where the server says otherwise, it is not asked again and again',
	);
	const {epoch} = driven.model;
	const becomes = (role: 'viewer' | 'admin') =>
		driven.send({
			type: 'identified',
			me: {...who, role, organization: organisation},
			organisations: [organisation],
			epoch,
		});
	becomes('viewer');
	t.deepEqual(looks(driven), []);
	const shown = await screen.show(driven.model);
	t.regex(shown, /Only admins and owners read the audit trail\./);
	t.notRegex(shown, /failed/);
	t.deepEqual(
		driven.press('R').effects.map((effect) => effect.do),
		['identify'],
	);
	t.like(becomes('admin').effects[0], {do: 'load', list: 'audit'});
});

test('a list says who may read it as the server does', async (t) => {
	for (const [name, source] of Object.entries<ListSource<unknown>>(lists)) {
		const called = new Set<Permission | undefined>();
		const client = {
			lastRead: new Map(),
			async call(route: RouteName) {
				called.add((routes[route] as Route).permission);
				// As an answer of which nothing can be made: no further route is asked for.
				throw new Error('enough');
			},
		} as unknown as Client;
		const from = {client, org_id: organisation.id, query: {id: used.id}};
		const reading = 'read' in source ? source.read(from, () => {}) : source.readPage(from);
		await t.throwsAsync(reading, {message: 'enough'}, name);
		t.true(called.size > 0, name);
		// What everybody may read first, such as which organisations there are, says nothing of it.
		for (const permission of called) t.is(permission ?? source.readers, source.readers, name);
	}
});
