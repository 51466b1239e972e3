import type * as z from 'zod';

/** The first problem of each field, as the contract words it: the server would say the same. */
export function problemsOf(parsed: z.ZodSafeParseResult<unknown>): Record<string, string> {
	const problems: Record<string, string> = {};
	for (const issue of parsed.error?.issues ?? []) {
		const field = String(issue.path[0] ?? '');
		problems[field] ??= issue.message;
	}
	return problems;
}
