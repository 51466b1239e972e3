import type {Effect} from '../../../app/effect.ts';
import type {TextField} from '../../../components/text-field/state.ts';
import type {FormScreen} from '../form/screen.ts';
import type {Tone} from '../../../theme.ts';
import type {Why} from './why.ts';

/** Every question. What is not here cannot be asked, and what is here is walked by a test. */
export type QuestionName =
	| 'cancelRotation'
	| 'changePlan'
	| 'changePolicy'
	| 'changeQuota'
	| 'changeRole'
	| 'changeServiceAccountRole'
	| 'changeSeveral'
	| 'deleteKeyRole'
	| 'deleteServiceAccount'
	| 'deleteSource'
	| 'deleteWebhook'
	| 'disableServiceAccount'
	| 'disableUser'
	| 'disableWebhook'
	| 'endOldSecret'
	| 'endSession'
	| 'endSessions'
	| 'endUserSession'
	| 'endUserSessions'
	| 'finishRotation'
	| 'issuePasswordCode'
	| 'leaveOrganisation'
	| 'logOut'
	| 'makeOperator'
	| 'removeMember'
	| 'replay'
	| 'replayMany'
	| 'replaceKey'
	| 'replaceLimits'
	| 'replaceSecret'
	| 'resumeKey'
	| 'resumeKeys'
	| 'revokeClientSecret'
	| 'revokeKey'
	| 'suspendKey'
	| 'removeLimits'
	| 'unmakeOperator'
	| 'unrestrict'
	| 'withdrawInvitation';

/** What answers a question: `enter` alone only where it can be taken back, or does no harm. */
type Answered =
	| {
			/** How it is taken back, or why that need not be. */
			readonly undo: string;
			readonly word?: never;
			readonly ask?: never;
			readonly wordIs?: never;
	  }
	| {
			readonly undo?: never;
			/** What must be typed. */
			readonly word: string;
			/** What asks for the word. */
			readonly ask?: string;
			/** What the word is, where that is not plain. */
			readonly wordIs?: string;
	  };

/** The question before something changes on the server. */
export type Question = Answered & {
	readonly name: QuestionName;
	/** Its crumb. */
	readonly title: string;
	readonly question: string;
	/** What it is about and what follows, in the order in which it should be read. */
	readonly facts: readonly (readonly [text: string, tone: Tone | 'dim'])[];
	/** What the button says. */
	readonly verb: string;
	readonly busyText: string;
	/** What is so after esc, behind "Cancelled:", such as "nothing was revoked". */
	readonly kept: string;
	/** What does less and can be taken back, on a button before that of the word. */
	readonly milder?: {readonly verb: string; readonly busyText: string; readonly act: Effect};
	/** Where a reason can be given. */
	readonly why?: Why;
};

/** What stands for a name where there is none that could be typed. */
export const plainWord = 'yes';

export type ConfirmScreen = Question & {
	readonly type: 'confirm';
	readonly act: Effect;
	readonly text: TextField;
	readonly button: 'cancel' | 'milder' | 'confirm';
	/** First line of the facts that is shown. */
	readonly offset: number;
	readonly busy: boolean;
	readonly problem?: string;
	/** The form whose place it has taken: where nothing comes of it, one is back there. */
	readonly back?: FormScreen;
	/** What the form has sent once this is agreed to, see there. */
	readonly sent?: NonNullable<FormScreen['sent']>;
};

/** Whether what was typed, if something must be, lets the button be pressed. */
export function armed({word, text}: ConfirmScreen): boolean {
	return word === undefined || text.value.normalize() === word.normalize();
}
