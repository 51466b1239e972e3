import type {ConnectScreen} from './screen.ts';
import {Paragraphs} from '../../../components/paragraphs.tsx';
import {clock} from '../../../text/time.ts';
import type {ViewProperties} from '../../../app/screen-kind.ts';

export function ConnectView({model, columns}: ViewProperties<ConnectScreen>) {
	const {link, url} = model;
	if (link.state !== 'offline')
		return <Paragraphs text={['', `Connecting to ${url} …`]} columns={columns} />;
	return (
		<Paragraphs
			columns={columns}
			text={[
				'',
				[`Cannot reach ${url}`, 'bad'],
				`${link.reason[0]?.toUpperCase() ?? ''}${link.reason.slice(1)}.`,
				'',
				link.probing ? 'Trying now …' : `Next try ${clock(link.retryAt)}. Press r to try now.`,
				'',
				['Is the server running? It starts with `npm start` or `docker compose up`.', 'dim'],
				['Is it elsewhere? Start with --url URL, or set LATCHKEY_URL.', 'dim'],
			]}
		/>
	);
}
