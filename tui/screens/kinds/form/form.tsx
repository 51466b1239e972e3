import {FormView as FieldsView} from '../../../components/form/form.tsx';
import {openPart} from '../../../components/form/parts.ts';
import {valuesOf} from '../../../components/form/state.ts';
import {linesOf, Paragraphs, type Text} from '../../../components/paragraphs.tsx';
import type {ViewProperties} from '../../../app/screen-kind.ts';
import type {FormScreen} from './screen.ts';
import type {FormSpecs} from './spec.ts';

/** Lines that fields take at least: of a form in parts, those of the open one and the names of the others. */
function wanted(form: FormScreen['form']): number {
	const open = openPart(form);
	const fields = form.fields.filter(({part}) => part === open);
	const names = Object.keys(form.parts ?? {}).length;
	// What is wrong with one of them may take another line.
	return 2 * fields.length + (names === 0 ? 0 : names + 1);
}

/** Draws a form, each as its spec says. */
export function formView(specs: FormSpecs) {
	return function View({screen, model, columns, rows}: ViewProperties<FormScreen>) {
		const {heading, advice, busyText, notes} = specs[screen.name];
		const short: Text = ['', [heading(model, screen), 'strong'], ''];
		const full: Text = ['', [heading(model, screen), 'strong'], [advice, 'dim'], ''];
		// A field and a line below it come before advice.
		const isLow = linesOf(full, columns).length + wanted(screen.form) > rows;
		const text = isLow ? short : full;
		return (
			<>
				<Paragraphs columns={columns} text={text} />
				<FieldsView
					form={screen.form}
					columns={columns}
					rows={rows - linesOf(text, columns).length}
					busyText={busyText}
					notes={notes?.(valuesOf(screen.form), model.now, screen) ?? {}}
				/>
			</>
		);
	};
}
