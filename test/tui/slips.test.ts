import {dictionary} from '@zxcvbn-ts/language-common';
import test from 'ava';
import type {Effect} from '../../tui/app/effect.ts';
import {before, everywhere, from, nameOf} from './everywhere.ts';

/*
No slip is an act: whatever is typed or pasted, wherever, nothing is asked of the server that changes
something there.
*/

/** What each thing that is asked for does there. */
const changes: Readonly<Record<Effect['do'], boolean>> = {
	acceptInvitation: true,
	askDeviceLogin: false,
	begin: true,
	change: true,
	changeKeys: true,
	changeRows: true,
	copy: false,
	countReplay: false,
	download: false,
	explainKey: false,
	identify: false,
	keepTheme: false,
	load: false,
	logIn: true,
	logOut: true,
	probe: false,
	quit: false,
	readDecisions: false,
	readDelivery: false,
	readKey: false,
	readKeyAround: false,
	readKeyClients: false,
	readKeyLimits: false,
	readKeyUsage: false,
	readKeysOfLeavers: false,
	readOverview: false,
	readPolicyToChange: false,
	readReliance: false,
	readRoleToChange: false,
	readSparks: false,
	readToChange: false,
	recogniseKey: false,
	repaint: false,
	resetPassword: true,
	searchKeys: false,
	setUp: true,
	// A code that somebody has yet to approve.
	startDeviceLogin: false,
	suspend: false,
	testWebhook: true,
	tryPolicy: false,
};
const isChange = ({do: what}: Effect) => changes[what];

/** Every seventh word of a dictionary that is there anyway; more than a thousand. */
const words = dictionary['diceware-common']
	.filter((word) => /^[a-z]{3,12}$/.test(word))
	.filter((_, index, {length}) => index % Math.floor(length / 1000) === 0);
const screens = [...everywhere().values(), ...before()];

/** A person who types without looking: some 60 words a minute, or as slowly as one who looks at the keys. */
const paces = [150, 300];

test('a thousand words, each typed into every screen, with enter and without, change nothing', (t) => {
	t.true(words.length >= 1000);
	t.true(screens.length > 60);
	for (const screen of screens) {
		for (const [index, word] of words.entries()) {
			const driven = from(screen);
			const pace = paces[index % paces.length] ?? 0;
			driven.now += 5000;
			for (const key of [...word.split(''), 'enter']) {
				driven.hit(key);
				driven.now += pace;
				const changed = driven.effects.filter(isChange);
				// A form of one field is sent by enter: what was typed is what it is for.
				if (changed.length > 0) t.fail(`${word} in ${nameOf(screen.model)}`);
			}
		}
	}
});

test('five thousand characters, pasted into every screen, change nothing', (t) => {
	const text = words.join(' ').slice(0, 4000) + words.join('\n').slice(0, 1000);
	const asKeys = text.split('').map((key) => (key === '\n' ? 'enter' : key));
	for (const screen of screens) {
		const told = from(screen);
		told.now += 5000;
		told.send({type: 'paste', text});
		t.deepEqual(told.effects.filter(isChange), [], nameOf(screen.model));
		// A terminal that does not tell, in pieces as they come through a pipe of 4 kB.
		const untold = from(screen);
		untold.now += 5000;
		for (const keys of [asKeys.slice(0, 4096), asKeys.slice(4096)]) {
			untold.send({type: 'keys', keys});
			untold.now += 20;
			t.deepEqual(untold.effects.filter(isChange), [], nameOf(screen.model));
		}
	}
});

/** What a choice does without a question: it gives and takes nothing but what one came for. */
const unasked = new Set([
	// A key or a secret with a time in which both go on.
	'rotateKey',
	'rotateWebhookSecret',
	// Onto the plan that has keys.
	'updateOrganisation team',
	// From one plan without keys to another.
	'updateOrganisation pro',
	// A disabled endpoint is enabled.
	'updateWebhook active',
]);

test('nothing takes rights, keys or a plan away without a question', (t) => {
	const done = new Set<string>();
	everywhere((at, keys, {effects}) => {
		const {type} = at.model.screens.at(-1) ?? {};
		if (type === 'confirm' || type === 'form') return;
		for (const effect of effects.filter(isChange)) {
			if (effect.do === 'testWebhook') continue;
			if (effect.do !== 'change') return t.fail(`${keys.join(' ')} in ${nameOf(at.model)}`);
			const {route, input} = effect.change;
			const body = ('body' in input ? input.body : {}) as Readonly<Record<string, unknown>>;
			if (body['grace_seconds'] === 0) return t.fail(`${route} at once`);
			const to = body['plan'] ?? body['status'];
			done.add(typeof to === 'string' ? `${route} ${to}` : route);
		}
	});
	t.deepEqual([...done].toSorted(), [...unasked].toSorted());
});
