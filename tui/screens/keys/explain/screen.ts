import type {KeyExplanation} from '../../../../contract/verification.ts';
import type {UseTexts} from '../../../api-keys/explanation.ts';
import type {Form} from '../../../components/form/shape.ts';

/** Whether a use of a key would be accepted: what the use is, and below it what each check says. */
export type ExplainScreen = {
	readonly type: 'explain';
	/** Of the key. */
	readonly id: string;
	readonly name: string;
	readonly form: Form;
	/** What was asked last, while the answer is not here yet. */
	readonly asking?: UseTexts;
	readonly answer?: {readonly asked: UseTexts; readonly explanation: KeyExplanation};
	/** Why there is no answer, or none that is fresh. */
	readonly problem?: string;
	/** The first line below the fields that is shown, where not all of them fit. */
	readonly offset?: number;
};
