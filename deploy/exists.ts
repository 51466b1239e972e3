import {access} from 'node:fs/promises';

/** Whether a path leads to something, whatever it is and whoever may read it. */
export async function exists(file: string): Promise<boolean> {
	return access(file).then(
		() => true,
		() => false,
	);
}
