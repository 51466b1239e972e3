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
			'How the appliance is: versions, dependencies, verifiers, workers, queues and what is behind; null is what cannot be known now',
	},
	systemChecks: {
		method: 'GET',
		path: '/api/v1/system/checks',
		credentials: 'jwt',
		permission: 'system:read',
		status: 200,
		response: diagnosis,
		summary:
			'What is wrong with the appliance, as far as a server sees it: what, what follows and what to do; the checks of `latchkey doctor`, looked at once in 5 s at most',
	},
} as const satisfies Routes;
