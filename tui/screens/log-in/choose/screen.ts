export type ChooseLogInScreen = {
	readonly type: 'chooseLogIn';
	readonly providers: readonly string[];
	/** Index of a provider; past the last one: by email and password, or with a code. */
	readonly choice: number;
	readonly busy: boolean;
	readonly reason?: string;
	readonly email?: string;
	readonly problem?: string;
};
