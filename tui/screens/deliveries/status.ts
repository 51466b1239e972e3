import type {Delivery} from '../../../contract/webhooks.ts';
import type {Part} from '../../components/line.tsx';
import {clean} from '../../text/clean.ts';

/** What has become of a delivery, in a word with a sign. */
export function statusOf({status, attempts}: Pick<Delivery, 'status' | 'attempts'>): Part {
	switch (status) {
		case 'succeeded':
			return ['received', 'good'];
		case 'dead':
			return ['x dead', 'bad'];
		case 'cancelled':
			return ['- cancelled', 'dim'];
		case 'pending':
			return attempts === 0 ? ['waiting', 'plain'] : ['! retrying', 'warning'];
		case 'queued':
		case 'sending':
			return ['sending', 'plain'];
		default:
			return [clean(status), 'plain'];
	}
}
