import type {Delivery} from '../../../../contract/webhooks.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';

/** What has become of a delivery: the word that a filter takes, with a sign. */
export function statusOf({status, attempts}: Pick<Delivery, 'status' | 'attempts'>): Part {
	switch (status) {
		case 'succeeded':
			return [status, 'dim'];
		case 'dead':
			return [`x ${status}`, 'bad'];
		case 'cancelled':
			return [`- ${status}`, 'dim'];
		case 'pending':
			return attempts === 0 ? [status, 'plain'] : [`! ${status}`, 'warning'];
		case 'queued':
		case 'sending':
			return [status, 'plain'];
	}
	// A newer server may have more of them.
	return [clean(status), 'plain'];
}
