import type {Endpoint, TestResult} from '../../../contract/webhooks.ts';
import {changing} from '../../app/common-commands.ts';
import {type Model, say, setTop, type Step, top, type WebhookTestScreen} from '../../app/model.ts';
import {startTest} from '../webhooks/start.ts';
import type {PageSpec} from '../page/spec.ts';
import {nameOf} from '../webhooks/names.ts';
import {curlOf} from './curl.ts';
import {testLines} from './lines.ts';

export const webhookTestPage: PageSpec<WebhookTestScreen, 'webhookTest'> = {
	title: ({endpoint}) => `test of ${nameOf(endpoint)}`,
	context: 'webhookTest',
	lines: ({result}, _model, width) => testLines(result, width),
	run(model, {endpoint, result}, command, now) {
		switch (command) {
			case 'copySigned':
				return copied(model, now, 'the text that was signed', result.request.signed_text);
			case 'copyCurl':
				return copied(model, now, 'the request as a curl command', curlOf(endpoint.url, result));
			case 'testWebhook':
				return changing(model, now, () => startTest(model, endpoint, now));
		}
	},
};

function copied(model: Model, now: number, what: string, text: string): Step {
	return [say(model, now, `Sent ${what} to the terminal's clipboard`), {do: 'copy', text}];
}

/** The result in place of the choice that asked for it; whoever left it there does not want it. */
export function tested(model: Model, endpoint: Endpoint, result: TestResult): Model {
	const screen = top(model);
	if (screen.type !== 'choice' || !screen.busy) return model;
	return setTop(model, {type: 'webhookTest', endpoint, result, offset: 0});
}
