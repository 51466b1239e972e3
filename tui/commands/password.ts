import {resetPasswordRequest} from '../../contract/people.ts';
import {answerDone} from './answer.ts';
import {codeAndPassword, codeOptions} from './codes.ts';
import type {Command} from './command.ts';
import {checked} from './flags.ts';

export const commands: readonly Command[] = [
	{
		path: ['password', 'reset'],
		summary: 'Set a password with a code that you were given; your sessions end',
		changes: true,
		options: codeOptions,
		async run(context) {
			const given = await codeAndPassword(context, 'password');
			const body = checked(resetPasswordRequest, given, 'latchkey password reset');
			const {body: answer} = await context.client.call('resetPassword', {body});
			return answerDone(context, answer, 'Your password is set. Log in with `latchkey login`.');
		},
	},
];
