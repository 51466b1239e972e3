/*
 * Every binding of the console, as data: what a key means is read from here, and so are the hints
 * at the bottom and the help. Letters only; never the keys that terminals, tmux, screen or Docker
 * keep for themselves (Ctrl-S Q Z B A P), nor Delete or Backspace for anything but text.
 */
export type Binding = {
	keys: readonly string[];
	/** What it does, as help says it. */
	help: string;
	/** One or two words for the bottom line; without it the key is in help only. */
	hint?: string;
};

export const keymap = {
	palette: {
		run: {keys: ['enter'], help: 'Go there, or do it', hint: 'go'},
		next: {keys: ['down', 'tab'], help: 'Next', hint: 'next'},
		previous: {keys: ['up', 'shift-tab'], help: 'Previous'},
		cancel: {keys: ['escape'], help: 'Back', hint: 'back'},
	},
	outcomes: {
		close: {keys: ['enter'], help: 'Close', hint: 'close'},
	},
	helping: {
		closeHelp: {keys: ['escape', 'q', '?', 'enter'], help: 'Close the help', hint: 'close'},
	},
	everywhere: {
		help: {keys: ['?'], help: 'Keys of this screen', hint: 'help'},
		quit: {keys: ['q'], help: 'Back, or quit', hint: 'quit'},
		repaint: {keys: ['ctrl-l'], help: 'Paint the screen anew'},
	},
	back: {
		back: {keys: ['escape', 'h', 'left'], help: 'Back', hint: 'back'},
	},
	screens: {
		palette: {keys: [':'], help: 'Go, or do, by name', hint: 'go'},
		showOrganisations: {keys: ['3'], help: 'Organisations', hint: 'orgs'},
		showSources: {keys: ['2'], help: 'Sources', hint: 'sources'},
		showKeys: {keys: ['1'], help: 'API keys', hint: 'keys'},
		showMembers: {keys: ['4'], help: 'Members'},
		showAudit: {keys: ['5'], help: 'Audit trail'},
		showWebhooks: {keys: ['6'], help: 'Webhooks'},
		showHealth: {keys: ['7'], help: 'How the appliance is'},
		showSettings: {keys: ['8'], help: 'Settings'},
		before: {keys: ['-'], help: 'The screen before'},
		refresh: {keys: ['R'], help: 'Read again now'},
		pause: {keys: ['p'], help: 'Pause the live refresh'},
		logOut: {keys: ['L'], help: 'Log out'},
	},
	list: {
		down: {keys: ['j', 'down'], help: 'Down'},
		up: {keys: ['k', 'up'], help: 'Up'},
		first: {keys: ['g', 'home'], help: 'First row'},
		last: {keys: ['G', 'end'], help: 'Last row'},
		pageDown: {keys: ['pagedown'], help: 'Page down'},
		pageUp: {keys: ['pageup'], help: 'Page up'},
		halfDown: {keys: ['ctrl-d'], help: 'Half a page down'},
		halfUp: {keys: ['ctrl-u'], help: 'Half a page up'},
	},
	keys: {
		open: {keys: ['enter', 'l', 'right'], help: 'All about the key', hint: 'open'},
		create: {keys: ['n'], help: 'Create a key', hint: 'new'},
		revoke: {keys: ['x'], help: 'Revoke it, or the marked', hint: 'revoke'},
		filter: {
			keys: ['/'],
			help: 'Filter the keys',
			hint: 'filter',
		},
		sort: {keys: ['s'], help: 'Sort by the next column', hint: 'sort'},
		reverse: {keys: ['S'], help: 'Reverse the order'},
		mark: {keys: [' '], help: 'Mark the key, or not'},
		markRange: {keys: ['V'], help: 'Mark from last to here'},
		markAll: {keys: ['*'], help: 'Mark all that are shown'},
		unmark: {keys: ['u'], help: 'Drop the marks'},
		copy: {keys: ['y'], help: 'Copy the id'},
		clear: {keys: ['escape'], help: 'Clear the filter'},
	},
	key: {
		revoke: {keys: ['x'], help: 'Revoke the key', hint: 'revoke'},
		copy: {keys: ['y'], help: 'Copy the id', hint: 'copy id'},
		next: {keys: ['j', 'down', ']'], help: 'Next key', hint: 'next'},
		previous: {keys: ['k', 'up', '['], help: 'Previous key', hint: 'previous'},
	},
	organisations: {
		choose: {keys: ['enter', 'l', 'right'], help: 'Work in this one', hint: 'choose'},
		createOrganisation: {keys: ['n'], help: 'Create an organisation', hint: 'new'},
		plan: {keys: ['e'], help: 'Change its plan', hint: 'plan'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	table: {
		filter: {keys: ['/'], help: 'Filter by words', hint: 'filter'},
	},
	sources: {
		createSource: {keys: ['n'], help: 'Create a source', hint: 'new'},
		edit: {keys: ['e'], help: 'Change name or type', hint: 'edit'},
		remove: {keys: ['x'], help: 'Delete the source', hint: 'delete'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	members: {
		invite: {keys: ['n'], help: 'Invite somebody', hint: 'invite'},
		role: {keys: ['e'], help: 'Change the role', hint: 'role'},
		remove: {keys: ['x'], help: 'Remove, or leave', hint: 'remove'},
		showInvitations: {keys: ['i'], help: 'Open invitations', hint: 'invites'},
		showServiceAccounts: {keys: ['a'], help: 'Service accounts', hint: 'accounts'},
		showUsers: {keys: ['u'], help: 'All users', hint: 'users'},
		showSessions: {keys: ['S'], help: 'My sessions'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	invitations: {
		invite: {keys: ['n'], help: 'Invite somebody', hint: 'invite'},
		withdraw: {keys: ['x'], help: 'Withdraw the invitation', hint: 'withdraw'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	serviceAccounts: {
		showSecrets: {keys: ['enter', 'l', 'right'], help: 'Its client secrets', hint: 'secrets'},
		createAccount: {keys: ['n'], help: 'Create a service account', hint: 'new'},
		role: {keys: ['e'], help: 'Change the role', hint: 'role'},
		disable: {keys: ['d'], help: 'Disable, or enable', hint: 'disable'},
		remove: {keys: ['x'], help: 'Delete the account', hint: 'delete'},
		copy: {keys: ['y'], help: 'Copy the client id'},
	},
	clientSecrets: {
		createSecret: {keys: ['n'], help: 'Create a client secret', hint: 'new'},
		revokeSecret: {keys: ['x'], help: 'Revoke the secret', hint: 'revoke'},
		copy: {keys: ['y'], help: 'Copy the client id', hint: 'copy client id'},
	},
	users: {
		showSessions: {
			keys: ['enter', 'l', 'right'],
			help: 'Where they are logged in',
			hint: 'sessions',
		},
		createUser: {keys: ['n'], help: 'Create a user', hint: 'new'},
		operator: {keys: ['o'], help: 'Make or unmake operator', hint: 'operator'},
		disable: {keys: ['d'], help: 'Disable, or enable', hint: 'disable'},
		passwordCode: {keys: ['r'], help: 'One-time password code', hint: 'code'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	sessions: {
		endSession: {keys: ['x'], help: 'End the session', hint: 'end'},
		endSessions: {keys: ['X'], help: 'Log out everywhere', hint: 'end all'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	userSessions: {
		endSession: {keys: ['x'], help: 'End the session', hint: 'end'},
		endSessions: {keys: ['X'], help: 'End all of them', hint: 'end all'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	settings: {
		changePassword: {keys: ['c'], help: 'Change the password', hint: 'password'},
		showSessions: {keys: ['S'], help: 'My sessions', hint: 'sessions'},
	},
	audit: {
		open: {keys: ['enter', 'l', 'right'], help: 'All of the entry', hint: 'open'},
		follow: {keys: ['f'], help: 'Follow what is new', hint: 'follow'},
		export: {keys: ['E'], help: 'Write it to a file', hint: 'export'},
		appliance: {keys: ['A'], help: 'Trail of the appliance', hint: 'appliance'},
		copy: {keys: ['y'], help: 'Copy the request id', hint: 'copy id'},
	},
	health: {
		copy: {keys: ['y'], help: 'Copy all of it, as JSON', hint: 'copy'},
	},
	auditEntry: {
		next: {keys: [']'], help: 'Next entry', hint: 'next'},
		previous: {keys: ['['], help: 'Previous entry', hint: 'previous'},
		copy: {keys: ['y'], help: 'Copy the request id', hint: 'copy id'},
	},
	webhooks: {
		deliveries: {keys: ['enter', 'l', 'right'], help: 'Its deliveries', hint: 'deliveries'},
		createWebhook: {keys: ['n'], help: 'Create an endpoint', hint: 'new'},
		editWebhook: {keys: ['e'], help: 'Change the endpoint', hint: 'edit'},
		testWebhook: {keys: ['T'], help: 'Send a test', hint: 'test'},
		toggleWebhook: {keys: ['d'], help: 'Disable or enable', hint: 'on/off'},
		rotateSecret: {keys: ['t'], help: 'New signing secret', hint: 'rotate'},
		deleteWebhook: {keys: ['x'], help: 'Delete the endpoint', hint: 'delete'},
		allDeliveries: {keys: ['A'], help: 'Deliveries to all', hint: 'all'},
		copy: {keys: ['y'], help: 'Copy the id'},
	},
	webhookTest: {
		testWebhook: {keys: ['T', 'r'], help: 'Send another test', hint: 'test again'},
		copySigned: {keys: ['y'], help: 'Copy what was signed', hint: 'copy signed text'},
		copyCurl: {keys: ['c'], help: 'Copy as curl command', hint: 'copy curl'},
	},
	deliveries: {
		openDelivery: {keys: ['enter', 'l', 'right'], help: 'All about it', hint: 'open'},
		replay: {keys: ['r'], help: 'Send it again', hint: 'replay'},
		replayMany: {keys: ['m'], help: 'Send many again', hint: 'many'},
		follow: {keys: ['f'], help: 'Follow what is new', hint: 'follow'},
		dead: {keys: ['D'], help: 'Dead letters, or all', hint: 'dead only'},
		copy: {keys: ['y'], help: 'Copy the id', hint: 'copy id'},
	},
	delivery: {
		replay: {keys: ['r'], help: 'Send it again', hint: 'replay'},
		copy: {keys: ['y'], help: 'Copy the id', hint: 'copy id'},
		copyPayload: {keys: ['c'], help: 'Copy the payload', hint: 'copy payload'},
	},
	filter: {
		keep: {keys: ['enter', 'down'], help: 'Keep the filter', hint: 'keep'},
		drop: {keys: ['escape'], help: 'Drop the filter', hint: 'drop'},
	},
	form: {
		submit: {keys: ['enter'], help: 'Next field, or send', hint: 'next or send'},
		next: {keys: ['tab', 'down'], help: 'Next field', hint: 'next field'},
		previous: {keys: ['shift-tab', 'up'], help: 'Previous field'},
	},
	cancel: {
		cancel: {keys: ['escape'], help: 'Cancel', hint: 'cancel'},
	},
	haveCode: {
		useCode: {keys: ['ctrl-o'], help: 'Use a code', hint: 'I have a code'},
	},
	device: {
		copy: {keys: ['y', 'c'], help: 'Copy the address', hint: 'copy address'},
	},
	anew: {
		again: {keys: ['enter'], help: 'Ask for a new code', hint: 'new code'},
	},
	stop: {
		stop: {keys: ['ctrl-c'], help: 'Quit', hint: 'quit'},
	},
	choice: {
		down: {keys: ['j', 'down', 'tab'], help: 'Next'},
		up: {keys: ['k', 'up', 'shift-tab'], help: 'Previous'},
		submit: {keys: ['enter'], help: 'Choose', hint: 'choose'},
	},
	reveal: {
		copy: {keys: ['c', 'y'], help: 'Copy it', hint: 'copy'},
		leave: {keys: ['enter', 'escape', 'q'], help: 'Go on', hint: 'go on'},
	},
	leave: {
		submit: {keys: ['enter'], help: 'Leave', hint: 'leave'},
		stay: {keys: ['escape'], help: 'Show it again', hint: 'show it again'},
	},
	yesOrNo: {
		yes: {keys: ['y', 'Y'], help: 'Yes', hint: 'yes'},
		no: {keys: ['n', 'N', 'enter', 'escape', 'q'], help: 'No', hint: 'no'},
	},
	typedConfirm: {
		other: {
			keys: ['tab', 'shift-tab', 'left', 'right'],
			help: 'Other button',
			hint: 'other button',
		},
		press: {keys: ['enter'], help: 'Press the marked button', hint: 'press it'},
		cancel: {keys: ['escape'], help: 'Cancel', hint: 'cancel'},
	},
	connect: {
		retry: {keys: ['r', 'R', 'enter'], help: 'Try again now', hint: 'try now'},
	},
} as const satisfies Record<string, Record<string, Binding>>;

export type Context = keyof typeof keymap;
export type CommandOf<C extends Context> = C extends Context ? keyof (typeof keymap)[C] : never;
export type AnyCommand = CommandOf<Context>;

/** The command of a key in the first of `contexts` that binds it. */
export function commandFor<C extends Context>(
	contexts: readonly C[],
	key: string,
): CommandOf<C> | undefined {
	for (const context of contexts) {
		for (const [command, {keys}] of bindings(context)) {
			if (keys.includes(key)) return command as CommandOf<C>;
		}
	}
	return undefined;
}

/** Whether a command is one of `contexts`, for screens that hand the common ones on. */
export function belongsTo<C extends Context>(
	contexts: readonly C[],
	command: AnyCommand,
): command is CommandOf<C> {
	return contexts.some((context) => command in keymap[context]);
}

export function bindings(context: Context): [AnyCommand, Binding][] {
	return Object.entries(keymap[context]) as [AnyCommand, Binding][];
}

const shownNames: Record<string, string> = {
	escape: 'esc',
	up: '↑',
	down: '↓',
	left: '←',
	right: '→',
	pagedown: 'PgDn',
	pageup: 'PgUp',
	home: 'Home',
	end: 'End',
	'shift-tab': 'S-tab',
	' ': 'space',
};

/** A key as people call it. */
export function keyLabel(key: string): string {
	const [, control] = /^ctrl-(.)$/.exec(key) ?? [];
	return control === undefined ? (shownNames[key] ?? key) : `Ctrl-${control.toUpperCase()}`;
}
