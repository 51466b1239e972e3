import type {Endpoint, TestResult} from '../../../../contract/webhooks.ts';

/** What a test sent to an endpoint, and what came back. */
export type WebhookTestScreen = {
	readonly type: 'webhookTest';
	readonly endpoint: Endpoint;
	readonly result: TestResult;
	/** First line shown. */
	readonly offset: number;
};
