import {keyLabel, keymap} from '../../keymap.ts';

/** What one presses at the log-in who was handed a code. */
export const useCodeKey = keyLabel(keymap.haveCode.useCode.keys[0]);
