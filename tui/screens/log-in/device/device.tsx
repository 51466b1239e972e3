import type {DeviceScreen} from './screen.ts';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import {addressOf} from '../../../people/device-login.ts';
import {clean} from '../../../text/clean.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';

export function DeviceView({screen, columns}: ViewProperties<DeviceScreen>) {
	const {provider, login, problem} = screen;
	const hasCode = login.verification_uri_complete !== undefined;
	return (
		<Paragraphs
			columns={columns}
			text={[
				'',
				[`Log in with ${clean(provider)}`, 'strong'],
				'',
				`Open this address in a browser, on any machine, and ${hasCode ? 'compare' : 'type'} the code:`,
				'',
				[clean(addressOf(login)), 'strong'],
				'',
				[`Code: ${clean(login.user_code)}`, 'strong'],
				'',
				problem === undefined
					? ['Waiting until you approve it there …', 'dim']
					: [`! ${clean(problem)}`, 'bad'],
			]}
		/>
	);
}
