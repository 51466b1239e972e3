import {diagnosis} from '../diagnosis.ts';
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
			'Health of the appliance: versions, dependencies, verifiers, workers, queues and what is behind; null is what cannot be known now',
	},
	systemChecks: {
		method: 'GET',
		path: '/api/v1/system/checks',
		credentials: 'jwt',
		permission: 'system:read',
		status: 200,
		response: diagnosis,
		summary:
			'What is wrong with the appliance, as far as a server sees it, what follows and what to do; the checks of `latchkey doctor`, at most once in 5 s',
	},
} as const satisfies Routes;
