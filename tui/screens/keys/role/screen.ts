/** All about one role of keys, and which keys have it. */
export type KeyRoleScreen = {
	readonly type: 'keyRole';
	readonly id: string;
	/** First line shown. */
	readonly offset: number;
};
