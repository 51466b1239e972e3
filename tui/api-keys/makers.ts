import type {KeyDetail} from '../../contract/keys.ts';
import {clean} from '../text/clean.ts';

/** Who made and who revoked a key, to stand after the time: `, by ci (service account)`. */
export function makersOf(key: KeyDetail): {created: string; revoked: string} {
	const by = (maker: KeyDetail['creator']) => {
		if (maker === null) return '';
		return `, by ${clean(maker.name)}${maker.type === 'user' ? '' : ' (service account)'}`;
	};
	return {created: by(key.creator), revoked: by(key.revoker)};
}
