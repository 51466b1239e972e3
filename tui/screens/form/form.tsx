import type {FormScreen} from '../../app/model.ts';
import {FormView as FieldsView} from '../../components/form/form.tsx';
import {valuesOf} from '../../components/form/state.ts';
import {Paragraphs} from '../../components/paragraphs.tsx';
import type {ViewProperties} from '../view.ts';
import {formSpecs} from './specs.ts';

export function FormView({screen, model, columns}: ViewProperties<FormScreen>) {
	const {heading, advice, busyText, notes} = formSpecs[screen.name];
	return (
		<>
			<Paragraphs columns={columns} text={['', [heading(model), 'strong'], [advice, 'dim'], '']} />
			<FieldsView
				form={screen.form}
				columns={columns}
				busyText={busyText}
				notes={notes?.(valuesOf(screen.form), model.now) ?? {}}
			/>
		</>
	);
}
