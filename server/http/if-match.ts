import type {Context} from 'koa';
import type {Condition} from '../../core/keys/update.ts';

/** A list of entity tags (RFC 9110, 13.1.1); a weak one is as good as none: it never matches. */
const listed = /^[ \t]*(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"[ \t]*$/;

/**
 * What `If-Match` asks for, as a question about the version of what is to be changed. Without the
 * header every version is right; a header that says nothing that can be read matches none.
 */
export function conditionOf(ctx: Context): Condition {
	const header = ctx.headers['if-match'];
	const isUnconditional = header === undefined;
	if (isUnconditional || header.trim() === '*') return {isExpected: () => true, isUnconditional};
	const tags = header.split(',').filter((tag) => listed.test(tag));
	const isExpected = (version: number) => tags.some((tag) => tag.trim() === versionTag(version));
	return {isExpected, isUnconditional};
}

/** The same where a change may always be made without the header. */
export function expectedVersion(ctx: Context): (version: number) => boolean {
	return conditionOf(ctx).isExpected;
}

/** The `ETag` of a version, a strong one. */
export function versionTag(version: number): string {
	return `"${version}"`;
}
