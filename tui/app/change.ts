import type {RouteName} from '../../contract/routes.ts';
import type {Input} from '../client.ts';
import type {ListName} from './model.ts';

/** A call that changes something, and what the console does once it has answered. */
export type Change = {
	readonly route: RouteName;
	readonly input: object;
	/** What happened, for the status line. */
	readonly done: string;
	/** The list that shows it. */
	readonly reload: ListName;
	/** Id of the row that is gone then. */
	readonly gone?: string;
	/** Where it changes what oneself may do: ask again who one is, or go elsewhere. */
	readonly afterwards?: 'identify' | 'leave';
	/** The member of the answer that is shown once, what it is, and what to do with it. */
	readonly reveal?: {
		readonly member: string;
		readonly what: string;
		readonly advice: string;
	};
};

/** A change as an effect, its input checked against the route. */
export function changeOf<Name extends RouteName>(
	route: Name,
	input: Input<Name>,
	then: Omit<Change, 'route' | 'input'>,
): {do: 'change'; change: Change} {
	return {do: 'change', change: {route, input, ...then}};
}
