import * as z from 'zod';
import type {Routes} from '../route.ts';

export const documentsRoutes = {
	openApi: {
		method: 'GET',
		path: '/openapi.json',
		credentials: 'none',
		fromMemory: true,
		tagged: true,
		status: 200,
		response: z.record(z.string(), z.unknown()),
		summary: 'This description of the API (OpenAPI 3.1)',
	},
	docs: {
		method: 'GET',
		path: '/docs',
		credentials: 'none',
		fromMemory: true,
		tagged: true,
		status: 200,
		media: 'text/html',
		headers: ['Content-Security-Policy'],
		response: z.string(),
		summary: 'The same as a page to read, which asks nobody for anything',
	},
} as const satisfies Routes;
