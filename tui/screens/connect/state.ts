import {commonCommand} from '../../app/common-commands.ts';
import type {ConnectScreen} from '../../app/model.ts';
import type {ScreenKind} from '../../app/screen.ts';
import {commandFor} from '../../keymap.ts';

const contexts = ['connect', 'everywhere'] as const;

export const connectKind: ScreenKind<ConnectScreen> = {
	title: () => 'connect',
	contexts: () => contexts,
	typing: () => false,
	onKey(model, _screen, key, now) {
		const command = commandFor(contexts, key);
		if (command === undefined) return [model];
		if (command !== 'retry') return commonCommand(model, command, now);
		if (model.link.state !== 'offline' || model.link.probing) return [model];
		return [{...model, link: {...model.link, probing: true}}, {do: 'probe'}];
	},
};
