import type {Endpoint} from '../../../../contract/webhooks.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import {clean} from '../../../text/clean.ts';
import {ago, moment, until} from '../../../text/time.ts';
import {isPaused, stateOf, whyDisabled} from './state-of.ts';

/** All that is known of an endpoint, as label and value lines no wider than `columns`. */
export function endpointFacts(endpoint: Endpoint, now: number, columns: number): Part[][] {
	const {lines, add} = factsOf(columns);
	const when = (timestamp: string) => `${moment(timestamp)}, ${ago(timestamp, now)}`;
	const {disabled_at: disabledAt, paused_until: pausedUntil} = endpoint;
	add('URL', clean(endpoint.url), 'strong');
	if (endpoint.url_shown === 'origin') add('', 'Only owners and admins see all of it.', 'dim');
	if (endpoint.description !== null) add('Description', clean(endpoint.description));
	add('Id', endpoint.id);
	const [state, role] = stateOf(endpoint, now);
	add('Status', state, role);
	if (disabledAt !== null) {
		add('', whyDisabled(endpoint));
		add('Disabled', when(disabledAt));
	}
	if (pausedUntil !== null && isPaused(endpoint, now)) {
		add('', 'After repeated failures it gets one attempt every 30 seconds until one succeeds.');
		add('Next try', until(pausedUntil, now));
	}
	const failures = endpoint.consecutive_failures;
	add('Failures', failures === 0 ? 'none' : `${failures} in a row`, failures === 0 ? 'dim' : 'bad');
	if (endpoint.failing_since !== null) {
		add('Failing', `since ${when(endpoint.failing_since)}`);
		add('', 'After five days of failures it is disabled.', 'dim');
	}
	add('Last OK', endpoint.last_success_at === null ? 'never' : when(endpoint.last_success_at));
	add('Events', endpoint.event_types === null ? 'all' : endpoint.event_types.map(clean).join(', '));
	const names = endpoint.custom_header_names;
	if (names.length > 0) add('Headers', `${names.map(clean).join(', ')} (values are not shown)`);
	for (const [index, secret] of endpoint.secrets.entries()) {
		const {created_at: madeAt, expires_at: endsAt} = secret;
		const ends = endsAt === null ? '' : `; signs until ${moment(endsAt)}, ${until(endsAt, now)}`;
		add(index === 0 ? 'Secret' : 'Replaced', `of ${moment(madeAt)}${ends}`);
	}
	add('Created', when(endpoint.created_at));
	add('Payloads', `version ${clean(endpoint.api_version)}`, 'dim');
	return lines;
}
