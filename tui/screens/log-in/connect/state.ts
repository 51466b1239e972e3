import {connectBindings} from './bindings.ts';
import {keymap} from '../../../keyboard/keymap.ts';
import type {ConnectScreen} from './screen.ts';
import type {ScreenKind} from '../../../app/screen-kind.ts';
import {commandFor} from '../../../keyboard/keymap.ts';

const contexts = [connectBindings, keymap.everywhere] as const;

export const connectKind: ScreenKind<ConnectScreen> = {
	title: () => 'connect',
	contexts: () => contexts,
	typing: () => false,
	view: async () => (await import('./connect.tsx')).ConnectView,
	onKey(model, _screen, key) {
		if (commandFor([connectBindings], key) !== 'retry') return undefined;
		if (model.link.state !== 'offline' || model.link.probing) return [model];
		return [{...model, link: {...model.link, probing: true}}, {do: 'probe'}];
	},
};
