import type {FullKey, KeyDetail} from '../../contract/keys.ts';
import {clean} from '../text/clean.ts';

/** Who made and who revoked a key, to stand after the time: `, by ci (service account)`. */
export function makersOf({
	creator,
	revoker = null,
}: Pick<FullKey, 'creator'> & Partial<Pick<KeyDetail, 'revoker'>>): {
	created: string;
	revoked: string;
} {
	const by = (maker: KeyDetail['creator']) => {
		if (maker === null) return '';
		return `, by ${clean(maker.name)}${maker.type === 'user' ? '' : ' (service account)'}`;
	};
	return {created: by(creator), revoked: by(revoker)};
}
