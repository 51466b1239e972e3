import {changeQuotaRequest} from '../../contract/key-limits.ts';
import {Failure} from '../failure.ts';
import {readCount, writeCount} from '../text/count.ts';
import {moment} from '../text/time.ts';
import {answerDone, answerItem} from './answer.ts';
import {type Command, type Flags, organisationOption} from './command.ts';
import {checked, textFlag} from './flags.ts';
import {inForce} from './in-force.ts';
import {limitFacts} from './limit-facts.ts';
import {keyOf, keyPlace} from './key-id.ts';

export const keyLimits: Command = {
	path: ['keys', 'limits'],
	arguments: keyPlace,
	summary: 'Show what is left of the limits and quotas of an API key, also of those it shares',
	options: organisationOption,
	async run(context) {
		const {org_id, key_id} = await keyOf(context);
		const {body} = await context.client.call('getKeyLimits', {org_id, key_id});
		return answerItem(context, body, {facts: limitFacts(body), id: key_id});
	},
};

export const keyQuota: Command = {
	path: ['keys', 'quota'],
	arguments: keyPlace,
	summary: 'Set what was used of the quota of an API key in this period, or add to it',
	changes: true,
	options: {
		...organisationOption,
		set: {type: 'string', value: 'N', help: 'set how much was used; 0 gives all of it back'},
		add: {type: 'string', value: 'N', help: 'add to how much was used; --add=-50 gives 50 back'},
	},
	async run(context) {
		const given = {set: countFlag(context.flags, 'set'), add: countFlag(context.flags, 'add')};
		const body = checked(
			changeQuotaRequest,
			given,
			'latchkey keys quota ID|NAME --set N | --add N',
		);
		const {org_id, key_id} = await keyOf(context);
		const answer = await context.client.call('changeKeyQuota', {org_id, key_id, body});
		const {used, limit, resets_at: at} = answer.body;
		const until = at === null ? '' : `, until ${moment(at)}`;
		const said = `${writeCount(used)} of ${writeCount(limit)} are used${until}: in force ${inForce(answer)}.`;
		return answerDone(context, answer.body, said);
	},
};

/** A number as people write it, also below 0. @throws {Failure} usage */
function countFlag(flags: Flags, name: string): number | undefined {
	const text = textFlag(flags, name)?.trim();
	if (text === undefined) return undefined;
	const [, sign = '', digits = ''] = /^([+-]?)(.*)$/s.exec(text) ?? [];
	const count = readCount(digits);
	if (typeof count !== 'number') throw new Failure('usage', `--${name} ${count.problem}`);
	return sign === '-' && count > 0 ? -count : count;
}
