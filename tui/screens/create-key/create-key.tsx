import type {CreateKeyScreen} from '../../app/model.ts';
import {FormView} from '../../components/form/form.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import {clean} from '../../text/clean.ts';
import type {ViewProperties} from '../view.ts';

export function CreateKeyView({screen, model, columns}: ViewProperties<CreateKeyScreen>) {
	return (
		<>
			<Paragraphs
				columns={columns}
				text={[
					'',
					[`A new API key for ${clean(model.organisation?.name ?? '')}`, 'strong'],
					[
						'Name it after the program that will use it, such as ingest-prod. The key does not expire and is shown once, in the next step.',
						'dim',
					],
					'',
				]}
			/>
			<FormView form={screen.form} columns={columns} busyText="Creating the key …" />
		</>
	);
}
