import {toTimestamp} from '../../../../contract/text.ts';
import type {Endpoint} from '../../../../contract/webhooks.ts';
import {changeOf} from '../../../app/effect.ts';
import type {ChoiceScreen} from '../../kinds/choice/screen.ts';
import {plainWord, type Question} from '../../kinds/confirm/screen.ts';
import {moment, due} from '../../../text/time.ts';
import {newChoiceScreen} from '../../kinds/choice/state.ts';
import {nameOf} from './names.ts';
import {rotationEnds} from './state-of.ts';
import {howToVerify} from './verify.ts';

const hour = 3600;
/** The usual one first. */
const graces = [
	['for 24 hours', 24 * hour],
	['for 7 days', 7 * 24 * hour],
	['for 1 hour', hour],
	['not at all', 0],
] as const;

/** How long the secret before signs, too; and, while one does, how to end it. */
export function newRotateScreen(
	endpoint: Endpoint,
	organisation: string,
	now: number,
): ChoiceScreen {
	const name = nameOf(endpoint);
	const ends = rotationEnds(endpoint, now);
	const still = ends === undefined ? '' : ` A replaced secret still signs until ${moment(ends)}.`;
	return newChoiceScreen({
		name: 'rotateSecret',
		kept: 'the signing secret stays',
		title: 'rotate secret',
		heading: `A new signing secret for ${name}: for how long should the current secret keep signing too?${still}`,
		options: [
			...graces.map(([label, seconds]) => rotation(endpoint, organisation, {label, seconds, now})),
			...(ends === undefined ? [] : [endOld(endpoint, organisation, due(ends, now))]),
		],
	});
}

function rotation(
	endpoint: Endpoint,
	organisation: string,
	{label, seconds, now}: {label: string; seconds: number; now: number},
): ChoiceScreen['options'][number] {
	const name = nameOf(endpoint);
	const ends = moment(toTimestamp(new Date(now + seconds * 1000)));
	const overlap = `Until ${ends} the previous secret signs, too: switch the receiver by then. `;
	const meaning = `until ${ends}`;
	return {
		label,
		meaning: seconds === 0 ? 'the receiver accepts nothing until it has the new one' : meaning,
		...(seconds === 0
			? {question: atOnce('replaceSecret', `Replace the secret of ${name} at once?`)}
			: {}),
		act: changeOf(
			'rotateWebhookSecret',
			{org_id: organisation, webhook_id: endpoint.id, body: {grace_seconds: seconds}},
			{
				done: `A new signing secret for ${name}`,
				reload: 'webhooks',
				reveal: {
					member: 'secret',
					what: `new signing secret of ${name}`,
					advice: `${seconds === 0 ? '' : overlap}${howToVerify}`,
				},
			},
		),
	};
}

/** A question, since the receiver may not be ready for it. */
function atOnce(name: 'replaceSecret' | 'endOldSecret', question: string): Question {
	return {
		name,
		kept: 'the signing secrets stay',
		word: plainWord,
		title: 'rotate secret',
		question,
		facts: [
			['A receiver that still checks with it refuses every delivery from now on.', 'warning'],
			['They are retried until they are given up or it has the newest secret.', 'plain'],
		],
		verb: 'Do it now',
		busyText: 'One moment …',
	};
}

function endOld(
	endpoint: Endpoint,
	organisation: string,
	ends: string,
): ChoiceScreen['options'][number] {
	return {
		label: 'end the old one',
		meaning: `no new secret: the replaced one ends now, not ${ends}`,
		question: atOnce('endOldSecret', `End the replaced secret of ${nameOf(endpoint)} now?`),
		act: changeOf(
			'revokeWebhookSecrets',
			{org_id: organisation, webhook_id: endpoint.id},
			{
				done: `Only the newest secret signs now: ${nameOf(endpoint)}`,
				reload: 'webhooks',
			},
		),
	};
}
