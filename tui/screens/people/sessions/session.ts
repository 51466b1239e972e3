import type {Session} from '../../../../contract/sessions.ts';
import type {Model} from '../../../app/model.ts';
import {factsOf} from '../../../components/facts.ts';
import type {Part} from '../../../components/line.tsx';
import type {Column} from '../../../components/table/columns.ts';
import {clean} from '../../../text/clean.ts';
import {ago, moment, until} from '../../../text/time.ts';
import {sortTime} from '../../../components/table/order.ts';

/** Address and program of a log-in, and between them what else is to be said of it. */
export function sessionText({address, user_agent}: Session, note = ''): string {
	return `${clean(address ?? 'unknown address')}  ${note}${clean(user_agent ?? 'unknown program')}`;
}

export function sessionColumns({now}: Model): Column<Session>[] {
	return [
		{
			title: 'FROM',
			value: ({address}) => address,
			cell: (session) => [sessionText(session, session.current ? '(this one)  ' : '')],
		},
		{
			title: 'LAST USED',
			width: 11,
			value: ({last_used_at}) => sortTime(last_used_at),
			descending: true,
			cell: ({last_used_at}) => [ago(last_used_at, now)],
		},
		{
			title: 'BEGAN',
			width: 11,
			value: ({created_at}) => sortTime(created_at),
			descending: true,
			cell: ({created_at}) => [ago(created_at, now), 'dim'],
		},
		{
			title: 'ENDS',
			width: 10,
			from: 76,
			value: ({expires_at}) => sortTime(expires_at),
			cell: ({expires_at}) => [until(expires_at, now), 'dim'],
		},
	];
}

export function sessionFacts(session: Session, {now}: Model, width: number): Part[][] {
	const {id, address, user_agent, created_at, last_used_at, expires_at, current} = session;
	const {lines, add} = factsOf(width);
	add('Address', clean(address ?? 'unknown'), 'strong');
	add('Program', clean(user_agent ?? 'unknown'));
	add('Id', id);
	add('Began', `${moment(created_at)}, ${ago(created_at, now)}`);
	add('Last used', `${moment(last_used_at)}, ${ago(last_used_at, now)}`);
	add('Ends', `${moment(expires_at)}, ${until(expires_at, now)}`);
	if (current) add('', 'the session you are in', 'good');
	return lines;
}
