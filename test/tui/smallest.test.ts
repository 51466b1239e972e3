import test from 'ava';
import {unsetPolicy} from '../../core/key-policies/effective.ts';
import {changeOf} from '../../tui/app/effect.ts';
import type {Model} from '../../tui/app/model.ts';
import {push, top} from '../../tui/app/navigation.ts';
import {update} from '../../tui/app/update.ts';
import {unrestricting} from '../../tui/screens/keys/form/unrestricting.ts';
import {newPolicyQuestion} from '../../tui/screens/keys/policy/question.ts';
import {newResumeSeveralQuestion} from '../../tui/screens/keys/suspend/question.ts';
import {wordOf} from '../../tui/screens/keys/clean-up/facts.ts';
import {cleanUpVerbs} from '../../tui/screens/keys/clean-up/screen.ts';
import type {ChoiceName} from '../../tui/screens/kinds/choice/screen.ts';
import type {
	ConfirmScreen,
	Question,
	QuestionName,
} from '../../tui/screens/kinds/confirm/screen.ts';
import {newConfirmScreen} from '../../tui/screens/kinds/confirm/state.ts';
import type {FormName, FormScreen} from '../../tui/screens/kinds/form/screen.ts';
import {changeQuotaForm, newQuotaScreen} from '../../tui/screens/limits/quota/form.ts';
import {newSharedLimitsScreen, setSharedLimitsForm} from '../../tui/screens/limits/shared/form.ts';
import {newUseCodeScreen} from '../../tui/screens/log-in/use-code/state.ts';
import {replayCounted} from '../../tui/screens/webhooks/replay/counted.ts';
import {detail, organisation, unused, used} from './driven.ts';
import {drawn} from './drawn.ts';
import {everywhere} from './everywhere.ts';

/*
Every question, choice, form and secret on the smallest terminal and on the usual one: what is asked, the
field that is typed in and what answers are on the screen, whatever else is to be said.
*/

const questions: Readonly<Record<QuestionName, true>> = {
	cancelRotation: true,
	changePlan: true,
	changePolicy: true,
	changeQuota: true,
	changeRole: true,
	changeServiceAccountRole: true,
	changeSeveral: true,
	deleteKeyRole: true,
	deleteServiceAccount: true,
	deleteSource: true,
	deleteWebhook: true,
	disableServiceAccount: true,
	disableUser: true,
	disableWebhook: true,
	endOldSecret: true,
	endSession: true,
	endSessions: true,
	endUserSession: true,
	endUserSessions: true,
	finishRotation: true,
	issuePasswordCode: true,
	leaveOrganisation: true,
	logOut: true,
	makeOperator: true,
	removeMember: true,
	replay: true,
	replayMany: true,
	replaceKey: true,
	replaceLimits: true,
	replaceSecret: true,
	resumeKey: true,
	resumeKeys: true,
	revokeClientSecret: true,
	revokeKey: true,
	suspendKey: true,
	removeLimits: true,
	unmakeOperator: true,
	unrestrict: true,
	withdrawInvitation: true,
};
const choices: Readonly<Record<ChoiceName, true>> = {
	enableWebhook: true,
	endRotation: true,
	memberRole: true,
	plan: true,
	rotateKey: true,
	rotateSecret: true,
	serviceAccountRole: true,
	testWebhook: true,
};
const forms: Readonly<Record<FormName, true>> = {
	createKey: true,
	editKey: true,
	suspendKey: true,
	rotateKey: true,
	createKeyRole: true,
	editKeyRole: true,
	editKeyPolicy: true,
	setSharedLimits: true,
	changeQuota: true,
	createOrganisation: true,
	createWebhook: true,
	editWebhook: true,
	replayMany: true,
	invite: true,
	createServiceAccount: true,
	createClientSecret: true,
	createUser: true,
	changePassword: true,
	createSource: true,
	exportTrail: true,
	updateSource: true,
	useCode: true,
};

const known = everywhere();
const home = known.get('sharedLimits')?.model;
if (home === undefined) throw new Error('there is no first screen');
const quota = {used: 5, limit: 100, period: 'month', resets_at: null, cost: 1} as never;
const anything = changeOf(
	'resumeKey',
	{org_id: organisation.id, key_id: used.id, body: {}},
	{done: '', reload: 'keys'},
);

function asked(question: Question | undefined): ConfirmScreen {
	if (question === undefined) throw new Error('nothing is asked');
	return newConfirmScreen(question, anything);
}

/** Questions that follow from what a form has, and forms of what no list here has. */
function others(model: Model): (ConfirmScreen | FormScreen)[] {
	const policy = {
		list: 'organisationPolicy',
		place: {org_id: organisation.id},
		state: {own: unsetPolicy, appliance: unsetPolicy, effective: unsetPolicy, updated_at: null},
		tag: '"1"',
	} as never;
	const body = {require_expiry: true};
	const form = newQuotaScreen(used, quota);
	const replays: FormScreen = {
		...form,
		name: 'replayMany',
		id: 'e',
		form: {...form.form, busy: true},
	};
	const counted = {
		type: 'replayCounted',
		endpoint: 'e',
		replay: {which: 'dead', since: '2026-03-01T00:00:00Z'},
		count: 12_345,
	} as const;
	const [replaying = model] =
		replayCounted(push(model, replays), replays, counted, model.now) ?? [];
	return [
		newPolicyQuestion(model, {policy, body, change: anything.change, trial: undefined}),
		asked(
			unrestricting({...detail, scopes: null, roles: ['billing']}, {roles: null}, 'Changing …'),
		),
		asked(changeQuotaForm.question?.({used: '0'}, model, form)),
		asked(setSharedLimitsForm.question?.({owner: ''}, model, newSharedLimitsScreen())),
		newResumeSeveralQuestion([used, unused], organisation.id, 'keys'),
		top(replaying) as ConfirmScreen,
		form,
		newUseCodeScreen(),
	];
}

const models = [
	...[...known.values()].map(({model}) => model),
	...others(home).map((screen) => push(home, screen)),
];
const of = (type: string) =>
	models
		.map(top)
		.flatMap((screen) => (screen.type === type && 'name' in screen ? [screen.name as string] : []));

test('every question, choice and form is walked', (t) => {
	t.true(known.has('cleanUp'));
	const missing = (names: object, type: string) =>
		Object.keys(names).filter((name) => !of(type).includes(name));
	t.deepEqual(missing(questions, 'confirm'), []);
	t.deepEqual(missing(choices, 'choice'), []);
	t.deepEqual(missing(forms, 'form'), []);
});

/** A text as it is drawn, whatever lines and frames it is broken into. */
function told(text: string): string {
	return text.replaceAll(/[│┌┐└┘─\s]+/g, ' ').trim();
}

for (const [columns, rows] of [
	[60, 16],
	[80, 24],
] as const) {
	test(`at ${columns}x${rows} what is asked, the field that is typed in and what answers are on the screen`, async (t) => {
		const resized = (model: Model) => update(model, {type: 'resized', columns, rows}, model.now)[0];
		const screen = await drawn(t, resized(home));
		const show = async (model: Model) => told(await screen.show(resized(model)));
		for (const model of models) {
			const at = top(model);
			if (at.type === 'confirm') {
				const why =
					at.problem ??
					'That is not what was asked for, but something else. Nothing was done; esc cancels';
				for (const shown of [at, {...at, problem: why}]) {
					const text = await show({...model, screens: [...model.screens.slice(0, -1), shown]});
					t.true(text.includes(told(at.question).slice(0, 40)), `${at.name}: ${text}`);
					t.true(text.includes(at.verb), `${at.name}: the button in ${text}`);
					if (at.word === undefined) t.regex(text, /enter \S.*esc Cancel/, at.name);
					else {
						t.regex(text, /Cancel/, at.name);
						t.regex(text, / > /, `${at.name}: the field in ${text}`);
						if (shown === at) t.true(text.includes(at.word), `${at.name}: the word in ${text}`);
					}
				}
			}
			if (at.type === 'cleanUp') {
				const many = Array.from({length: 300}, (_, index) => ({...unused, id: `many ${index}`}));
				for (const keys of [at.keys, many.map((key) => ({...key, org_id: organisation.id}))]) {
					for (const verb of cleanUpVerbs) {
						for (const focus of ['keys', 'verb', 'note', 'word'] as const) {
							for (const problem of [undefined, 'That is not what was asked for; esc cancels']) {
								const asking = {
									...at,
									keys,
									verb,
									focus,
									...(problem === undefined ? {} : {problem}),
								};
								const shown = {...model, screens: [...model.screens.slice(0, -1), asking]};
								const text = await show(shown);
								const word = wordOf(asking, model.now);
								const verbed = verb === 'revoke' ? 'Revoke' : 'Suspend';
								t.regex(text, new RegExp(`${verbed} [\\d,]+ keys?\\?`), text);
								t.true(text.includes(`Type ${word}: `), text);
								t.regex(text, /\( \) \w+|\(•\) \w+/, text);
								t.regex(text, /esc cancel/, text);
								if (problem !== undefined) t.true(text.includes(`! ${problem}`), text);
							}
						}
					}
				}
			}
			if (at.type === 'choice') {
				for (const [choice, {label}] of at.options.entries()) {
					const text = await show({
						...model,
						screens: [...model.screens.slice(0, -1), {...at, choice}],
					});
					t.true(text.includes(told(at.heading).slice(0, 40)), `${at.name}: ${text}`);
					t.true(text.includes(`▌ ${label}`), `${at.name}: ${label} in ${text}`);
					t.regex(text, /enter choose/, at.name);
				}
			}
			if (at.type === 'form') {
				for (const [focus, {label}] of at.form.fields.entries()) {
					const text = await show({
						...model,
						screens: [...model.screens.slice(0, -1), {...at, form: {...at.form, focus}}],
					});
					t.true(text.includes(`> ${label}`), `${at.name}: ${label} in ${text}`);
					t.regex(text, /esc cancel/, at.name);
				}
			}
			if (at.type === 'reveal') {
				const text = await show(model);
				t.true(text.includes(at.secret.slice(0, 40)), text);
				t.regex(text, /enter go on/);
			}
		}
	});
}
