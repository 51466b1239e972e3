import {type CheckLevel, checkLevels} from '../../contract/diagnosis.ts';
import type {CommandOf, keymap} from '../keyboard/keymap.ts';
import {findingsOf} from '../screens/system/health/findings.ts';
import {healthEvery, healthListOf, oldFor} from './loading.ts';
import type {Model} from './model.ts';
import {refusesKeys} from './navigation.ts';

/* What is wrong, for a sign on every screen. What is not known is never taken for well. */

export type Trouble = {
	/** The screen that has all of it. */
	readonly at: CommandOf<typeof keymap.screens>;
	readonly level: Exclude<CheckLevel, 'ok'>;
	readonly what: string;
};

/** All that is wrong as far as it is known, the worst first. */
export function troubles(model: Model): readonly Trouble[] {
	const {me, link} = model;
	if (link.state === 'offline') {
		return [{at: 'showHealth', level: 'failure', what: 'The server is away.'}];
	}
	if (me === undefined) return [];
	const plan: Trouble[] = refusesKeys(model)
		? [{at: 'showKeys', level: 'failure', what: 'Every key is refused: the plan has no API keys.'}]
		: [];
	return [...plan, ...healthTroubles(model)].toSorted(
		(a, b) => checkLevels.indexOf(b.level) - checkLevels.indexOf(a.level),
	);
}

/** The worst of it. */
export function trouble(model: Model): Trouble | undefined {
	return troubles(model)[0];
}

function healthTroubles(model: Model): Trouble[] {
	const {now} = model;
	const {items, loadedAt, status, problem = ''} = model[healthListOf(model)];
	const [report] = items;
	const unknown = (what: string): Trouble => ({at: 'showHealth', level: 'unknown', what});
	if (report === undefined) {
		return status === 'failed' ? [unknown(`Health could not be read: ${problem}`)] : [];
	}
	const age = oldFor({every: healthEvery, ...(loadedAt === undefined ? {} : {loadedAt})}, now);
	if (age !== undefined && !model.paused) return [unknown('Health could not be read again.')];
	return findingsOf(report).map(({level, what}) => ({at: 'showHealth', level, what}));
}
