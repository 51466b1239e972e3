import type {KeyUse} from '../../../app/effect.ts';

export type KeyScreen = {
	readonly type: 'key';
	readonly id: string;
	/** The first line that is shown, where not all of them fit. */
	readonly offset?: number;
	readonly use?: KeyUse;
	/** Why there is no `use`, or none that is fresh. */
	readonly problem?: string;
};
