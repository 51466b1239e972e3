import type {Routes} from '../route.ts';
import {system} from '../system.ts';

export const systemRoutes = {
	system: {
		method: 'GET',
		path: '/api/v1/system',
		credentials: 'jwt',
		permission: 'system:read',
		status: 200,
		response: system,
		summary:
			'How the appliance is: versions, dependencies, verifiers, workers, queues and what is behind; null is what cannot be known now',
	},
} as const satisfies Routes;
