import {emptyField} from '../../components/text-field/state.ts';
import type {Permission} from '../../../contract/permissions.ts';
import type {TableName} from '../lists.ts';
import {load} from '../loading.ts';
import type {Model, Step} from '../model.ts';
import {may} from '../navigation.ts';

/** What can be gone to by its name, and who may see it. */
const named: Readonly<Partial<Record<TableName, Permission>>> = {
	members: 'members:read',
	serviceAccounts: 'service_accounts:read',
	webhooks: 'webhooks:read',
	sources: 'sources:read',
};

/** Opens the palette, and reads whatever has a name and was not read yet. */
export function openPalette(model: Model): Step {
	const opened: Model = {...model, palette: {text: emptyField, choice: 0}};
	return Object.entries(named).reduce<Step>(
		([next, ...effects], [list, permission]) => {
			const name = list as TableName;
			if (next[name].status !== 'none' || !may(next, permission)) return [next, ...effects];
			const [loading, ...more] = load(next, name);
			return [loading, ...effects, ...more];
		},
		[opened],
	);
}
