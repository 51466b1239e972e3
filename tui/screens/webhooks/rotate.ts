import type {Endpoint} from '../../../contract/webhooks.ts';
import {changeOf} from '../../app/change.ts';
import type {ChoiceScreen} from '../../app/model.ts';
import {toTimestamp} from '../../../contract/text.ts';
import {moment} from '../../text/time.ts';
import {newChoiceScreen} from '../choice/state.ts';
import {hostOf} from './names.ts';
import {howToVerify} from './verify.ts';

const hour = 3600;
const graces = [
	['24 hours', 24 * hour],
	['7 days', 7 * 24 * hour],
	['1 hour', hour],
	['none', 0],
] as const;

/** How long the secret before still signs, too; the usual one first. */
export function newRotateScreen(
	endpoint: Endpoint,
	organisation: string,
	now: number,
): ChoiceScreen {
	const host = hostOf(endpoint);
	return newChoiceScreen({
		title: 'rotate secret',
		heading: `A new signing secret for ${host}. How long does the one before sign, too?`,
		options: graces.map(([label, seconds]) => {
			const ends = moment(toTimestamp(new Date(now + seconds * 1000)));
			const until = `Until ${ends} the secret before signs, too: switch the receiver before then.`;
			return {
				label,
				meaning:
					seconds === 0
						? 'it ends at once: the receiver refuses all until it has the new one'
						: `until ${ends}`,
				act: changeOf(
					'rotateWebhookSecret',
					{
						org_id: organisation,
						webhook_id: endpoint.id,
						body: {grace_seconds: seconds},
					},
					{
						done: `${host} has a new signing secret`,
						reload: 'webhooks',
						reveal: {
							member: 'secret',
							what: `new signing secret of ${host}`,
							advice: seconds === 0 ? howToVerify : `${until} ${howToVerify}`,
						},
					},
				),
			};
		}),
	});
}
