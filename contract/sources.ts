import * as z from 'zod';
import {name, timestamp} from './text.ts';

export const source = z.strictObject({
	id: z.uuid(),
	name: z.string(),
	type: z.string(),
	created_at: timestamp,
	updated_at: timestamp,
});

export const sourceList = z.array(source);

export const createSourceRequest = z.strictObject({name: name('name'), type: name('type')});

export const updateSourceRequest = z.strictObject({
	name: name('name').optional(),
	type: name('type').optional(),
});

export type Source = z.infer<typeof source>;
