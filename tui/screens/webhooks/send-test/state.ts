import {webhookTestBindings} from './bindings.ts';
import {changing} from '../../../app/guards.ts';
import {copy} from '../../../app/copy.ts';
import type {WebhookTestScreen} from './screen.ts';
import {startTest} from '../endpoints/start.ts';
import type {PageSpec} from '../../kinds/page/spec.ts';
import {nameOf} from '../endpoints/names.ts';
import {curlOf} from './curl.ts';
import {outcomeLines, sentLines} from './lines.ts';

export const webhookTestPage: PageSpec<WebhookTestScreen, typeof webhookTestBindings> = {
	title: ({endpoint}) => `test of ${nameOf(endpoint)}`,
	context: webhookTestBindings,
	lines: ({result}, _model, width) => [...outcomeLines(result, width), ...sentLines(result, width)],
	halves: ({result}, _model, {left, right}) => [
		outcomeLines(result, left),
		sentLines(result, right),
	],
	run(model, {endpoint, result}, command, now) {
		switch (command) {
			case 'copySigned':
				return copy(model, now, 'the text that was signed', result.request.signed_text);
			case 'copyCurl':
				return copy(model, now, 'the request as a curl command', curlOf(endpoint.url, result));
			case 'testWebhook':
				return changing(model, now, () => startTest(model, endpoint, now));
		}
	},
};
