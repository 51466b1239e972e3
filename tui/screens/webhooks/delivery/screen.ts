import type {Delivery, DeliveryDetail} from '../../../../contract/webhooks.ts';

/** One delivery; `detail` is for those who may inspect it, once it is read. */
export type DeliveryScreen = {
	readonly type: 'delivery';
	readonly delivery: Delivery;
	readonly detail?: DeliveryDetail;
	readonly problem?: string;
	readonly loading: boolean;
	readonly nextAt: number;
	readonly offset: number;
};
