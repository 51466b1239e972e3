import type {DeviceLogin} from '../../../../contract/providers.ts';

export type DeviceScreen = {
	readonly type: 'device';
	readonly provider: string;
	readonly login: DeviceLogin;
	/** Between two questions, ms. */
	readonly interval: number;
	readonly askAt: number;
	readonly asking: boolean;
	/** Why it failed. */
	readonly problem?: string;
};
