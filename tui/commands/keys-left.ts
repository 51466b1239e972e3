import {allows} from '../../contract/permissions.ts';
import {changeEach, keyChanges} from '../api-keys/change-each.ts';
import {
	keysLeftIn,
	keysLeftText,
	type KeyLeft,
	type Maker,
	readKeysLeft,
} from '../api-keys/left.ts';
import {revocationsText} from '../api-keys/revocation.ts';
import {stateOf} from '../api-keys/state.ts';
import {asFailure} from '../failure.ts';
import {clean} from '../text/clean.ts';
import {plural} from '../text/plural.ts';
import {ago} from '../text/time.ts';
import {answerItems, type Column} from './answer.ts';
import type {Context} from './command.ts';
import {typesWord} from './confirm.ts';
import {Back, choose, say} from './questions.ts';

/** What became of somebody who left, with how many live keys they made, as far as the answer tells. */
export function withKeysLeft<Document extends object>(
	document: Document,
	answer: {headers: object},
): Document & {keys_left?: number} {
	const count = keysLeftIn(answer);
	return count === undefined ? document : {...document, keys_left: count};
}

/**
 * Says how many live keys were made by somebody who left, and what shows them. Whoever is asked one
 * question after the other is asked what shall become of them, too.
 */
export async function tellKeysLeft(
	context: Context,
	answer: {headers: object},
	maker: Maker,
): Promise<void> {
	const {flags, output, terminal} = context;
	const count = keysLeftIn(answer);
	if (count === undefined || count === 0 || flags['json'] === true) return;
	output.say(`${keysLeftText(count, ` that ${clean(maker.name)} made`)}.`);
	if (terminal.spoken !== undefined) {
		await askAbout(context, maker);
		return;
	}
	const [see, org] =
		maker.org_id === undefined
			? ['See those of each organisation', 'ORGANISATION']
			: ['See them', maker.org_id];
	output.say(`${see}: latchkey keys list --org ${org} --created-by ${maker.id}`);
	output.say('Then `latchkey keys suspend`, `rotate` or `revoke` with their ids.');
}

const columns: readonly Column<KeyLeft>[] = [
	['id', ({id}) => id],
	['name', ({name}) => name],
	['status', stateOf],
	['last used', ({last_used_at}, now) => ago(last_used_at, now)],
	['organisation', ({organisation}) => organisation],
];

/** Until they are done with, or left as they are. */
async function askAbout(context: Context, maker: Maker): Promise<void> {
	const {terminal, client} = context;
	const may = await mayChange(context, maker);
	if (may === undefined) return;
	const choices = [
		['look', 'at each of them'],
		...(may('suspend') ? [['suspend', 'all of them, until somebody resumes them'] as const] : []),
		...(may('revoke') ? [['revoke', 'all of them, for good'] as const] : []),
		['leave', 'them as they are'],
	] as const;
	for (;;) {
		const chosen = await choose(terminal, 'What should happen to them?', choices, 'required').catch(
			unlessBack,
		);
		if (chosen !== 'look' && chosen !== 'suspend' && chosen !== 'revoke') return;
		const keys = await readKeysLeft(client, maker);
		if (chosen === 'look') {
			const none = 'There are none left.';
			answerItems(context, keys, {columns, id: ({id}) => id, none});
		} else if (await changeAll(context, chosen, keys)) {
			return;
		}
	}
}

function unlessBack(error: unknown): undefined {
	if (!(error instanceof Back)) throw error;
}

/** Whoever has left by it themselves has no session there any more. */
function unlessRefused(error: unknown): undefined {
	const {kind} = asFailure(error);
	if (kind !== 'refused' && kind !== 'signed_out') throw error;
}

/** What ends or stops the keys that somebody left. */
type Ending = 'revoke' | 'suspend';

/** What the caller may do with keys of the organisation that somebody left; undefined: they left it. */
async function mayChange({client}: Context, {org_id}: Maker) {
	const answer = await client
		.call('me', org_id === undefined ? {} : {organisation: org_id})
		.catch(unlessRefused);
	if (answer === undefined) return undefined;
	const me = answer.body;
	const role = me.operator ? 'operator' : me.role;
	return (what: Ending) => role !== null && allows(`keys:${what}`, role);
}

/** Whether it was done, and not thought better of. */
async function changeAll(
	context: Context,
	what: Ending,
	keys: readonly KeyLeft[],
): Promise<boolean> {
	const {terminal, client, output, now} = context;
	const some = what === 'revoke' ? keys : keys.filter((key) => stateOf(key, now) !== 'suspended');
	const word = `${what} ${some.length}`;
	const question = `Type ${word} to ${what} ${plural(some.length, ['key', 'keys'])}: `;
	if (some.length > 0 && !(await typesWord(context, question, word))) return false;
	const {done, did} = keyChanges[what];
	const outcomes = await changeEach(client, what, some, (key, failure) =>
		output.say(
			failure === undefined
				? `${did} ${clean(key.name)}`
				: `Not ${done} ${clean(key.name)}: ${failure.message}`,
		),
	);
	const changed = outcomes.filter(({outcome}) => outcome === done);
	const where = revocationsText(changed.map(({revocation}) => revocation));
	const told = where === undefined ? '' : `: refused ${where}`;
	say(terminal, `${did} ${changed.length} of ${plural(some.length, ['key', 'keys'])}${told}.`);
	return true;
}
