import type {Part} from '../components/line.tsx';

/** Of what can be disabled and enabled again. */
export function disabledStatus({disabled}: {readonly disabled: boolean}): Part {
	return disabled ? ['x disabled', 'bad'] : ['active', 'dim'];
}
