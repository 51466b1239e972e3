import {keyLabel} from '../../../keyboard/key-names.ts';
import {keymap} from '../../../keyboard/keymap.ts';

/** The key to press at the log-in with a code in hand. */
export const useCodeKey = keyLabel(keymap.haveCode.useCode.keys[0]);
