import type {CreateOrganisationScreen} from '../../app/model.ts';
import {FormView} from '../../components/form/form.tsx';
import {Paragraphs} from '../../components/paragraphs.tsx';
import type {ViewProperties} from '../view.ts';

export function CreateOrganisationView({
	screen,
	columns,
}: ViewProperties<CreateOrganisationScreen>) {
	return (
		<>
			<Paragraphs
				columns={columns}
				text={[
					'',
					['A new organisation', 'strong'],
					['Only the team plan has API keys.', 'dim'],
					'',
				]}
			/>
			<FormView form={screen.form} columns={columns} busyText="Creating the organisation …" />
		</>
	);
}
