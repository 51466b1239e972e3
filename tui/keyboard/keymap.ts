/*
 * Bindings are data: what a key of the keyboard means is read from them, and so are the hints at the
 * bottom and the help. Here are those that several screens share; a screen's own stand in its folder.
 * Letters only; never the keys that terminals, tmux, screen or Docker keep for themselves (Ctrl-S Q B
 * A P; Ctrl-Z is the shell's, everywhere), nor Delete or Backspace for anything but text.
 */
export type Binding = {
	keys: readonly string[];
	/** What it does, as help says it. */
	help: string;
	/** One or two words for the bottom line; without it the key is in help only. */
	hint?: string;
};

/** Commands that hold together on some screens, each by its name. */
export type Context = Readonly<Record<string, Binding>>;

export const keymap = {
	palette: {
		run: {keys: ['enter'], help: 'Go there, or do it', hint: 'go'},
		complete: {keys: ['tab'], help: 'Complete the name', hint: 'complete'},
		next: {keys: ['down'], help: 'Next', hint: 'next'},
		previous: {keys: ['up'], help: 'Previous, or history', hint: 'before'},
		cancel: {keys: ['escape'], help: 'Back', hint: 'back'},
	},
	helping: {
		run: {keys: ['enter'], help: 'Do it', hint: 'do it'},
		search: {keys: ['/'], help: 'Search', hint: 'search'},
		closeHelp: {keys: ['escape', 'q', '?'], help: 'Close the help', hint: 'close'},
	},
	searching: {
		run: {keys: ['enter'], help: 'Do it', hint: 'do it'},
		down: {keys: ['down', 'tab'], help: 'Next', hint: 'next'},
		up: {keys: ['up', 'shift-tab'], help: 'Previous'},
		dropSearch: {keys: ['escape'], help: 'All shortcuts', hint: 'all shortcuts'},
	},
	everywhere: {
		help: {keys: ['?'], help: 'Keyboard shortcuts', hint: 'help'},
		quit: {keys: ['q'], help: 'Back, or quit', hint: 'quit'},
		repaint: {keys: ['ctrl-l'], help: 'Repaint the screen'},
	},
	back: {
		back: {keys: ['escape', 'h', 'left'], help: 'Back', hint: 'back'},
	},
	/** Where the arrows point at what is drawn. */
	backFromChart: {
		back: {keys: ['escape', 'h'], help: 'Back', hint: 'back'},
	},
	screens: {
		palette: {keys: [':'], help: 'Go anywhere by name', hint: 'go'},
		showKeys: {keys: ['1'], help: 'API keys'},
		showSources: {keys: ['2'], help: 'Sources'},
		showOrganisations: {keys: ['3'], help: 'Organisations'},
		showMembers: {keys: ['4'], help: 'Members'},
		showAudit: {keys: ['5'], help: 'Audit trail'},
		showWebhooks: {keys: ['6'], help: 'Webhooks'},
		showHealth: {keys: ['7'], help: 'Health'},
		showSettings: {keys: ['8'], help: 'Settings'},
		showLimited: {keys: ['9'], help: 'Keys being limited now'},
		showHygiene: {keys: ['H'], help: 'Keys to look after'},
		showOverview: {keys: ['0'], help: 'Overview of use'},
		showLive: {keys: ['W'], help: 'Watch: live decisions'},
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
	/** Of a long text whose neighbours `j` and `k` go to. */
	scroll: {
		pageDown: {keys: ['pagedown'], help: 'Page down'},
		pageUp: {keys: ['pageup'], help: 'Page up'},
		halfDown: {keys: ['ctrl-d'], help: 'Half a page down'},
		halfUp: {keys: ['ctrl-u'], help: 'Half a page up'},
		first: {keys: ['g', 'home'], help: 'First line'},
		last: {keys: ['G', 'end'], help: 'Last line'},
	},
	table: {
		filter: {keys: ['/'], help: 'Filter the rows', hint: 'filter'},
		sort: {keys: ['s'], help: 'Sort by a column', hint: 'sort'},
		reverse: {keys: ['S'], help: 'Reverse the order'},
		wide: {keys: ['w'], help: 'Wide, or as before'},
		chooseColumns: {keys: ['C'], help: 'Choose the columns'},
	},
	/** While a column to sort by is chosen; the letters of columns come first. */
	sorting: {
		nextColumn: {keys: ['right', 'tab'], help: 'By the next column', hint: 'next column'},
		previousColumn: {keys: ['left', 'shift-tab'], help: 'By the column before'},
		reverse: {keys: ['S'], help: 'Reverse the order', hint: 'reverse'},
		keep: {keys: ['enter', 'escape', 'q'], help: 'Done', hint: 'done'},
	},
	/** Of the choice of columns. */
	columns: {
		toggleColumn: {keys: [' ', 'x'], help: 'Show or hide it', hint: 'show/hide'},
		asItWas: {keys: ['r'], help: 'Reset to the usual ones', hint: 'reset'},
		keepColumns: {keys: ['enter', 'escape', 'q', 'C'], help: 'Done', hint: 'done'},
	},
	filtered: {
		clear: {keys: ['escape'], help: 'Clear the filter'},
	},
	marks: {
		mark: {keys: [' '], help: 'Mark or unmark the row', hint: 'mark'},
		markRange: {keys: ['V'], help: 'Mark from last to here'},
		markAll: {keys: ['*'], help: 'Mark all that are shown'},
		unmark: {keys: ['u'], help: 'Drop the marks, or undo'},
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
	/** Of a form that has parts. */
	parts: {
		nextPart: {keys: ['pagedown'], help: 'Next part', hint: 'part'},
		previousPart: {keys: ['pageup'], help: 'Previous part'},
		send: {keys: ['ctrl-x'], help: 'Send it, from any field', hint: 'send'},
	},
	cancel: {
		cancel: {keys: ['escape'], help: 'Cancel', hint: 'cancel'},
	},
	haveCode: {
		useCode: {keys: ['ctrl-o'], help: 'Use a code', hint: 'I have a code'},
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
	/** Of a question that needs no word. Letters are not an answer to it: one types them by mistake. */
	enterConfirm: {
		yes: {keys: ['enter'], help: 'Do it', hint: 'do it'},
		cancel: {keys: ['escape'], help: 'Cancel', hint: 'cancel'},
	},
	/** Of a question with more facts than fit. */
	facts: {
		factsBelow: {keys: ['pagedown'], help: 'Facts below'},
		factsAbove: {keys: ['pageup'], help: 'Facts above'},
	},
	/** Of a question that takes a reason. */
	why: {
		nextReason: {keys: ['right'], help: 'Next reason', hint: 'reason'},
		previousReason: {keys: ['left'], help: 'Reason before'},
		note: {keys: ['down'], help: 'Write a note', hint: 'note'},
	},
	note: {
		leaveNote: {
			keys: ['enter', 'tab', 'up', 'escape'],
			help: 'Back to the question',
			hint: 'back to the question',
		},
	},
	typedConfirm: {
		other: {
			keys: ['tab', 'shift-tab'],
			help: 'Other button',
			hint: 'other button',
		},
		press: {keys: ['enter'], help: 'Press the marked button', hint: 'press the button'},
		cancel: {keys: ['escape'], help: 'Cancel', hint: 'cancel'},
	},
} as const satisfies Record<string, Context>;

/** What the commands of a context are called. */
export type CommandOf<C extends Context> = C extends Context ? Extract<keyof C, string> : never;

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

/** Whether a command is one of a context. */
export function belongsTo<C extends Context>(context: C, command: string): command is CommandOf<C> {
	return command in context;
}

export function bindings(context: Context): [command: string, Binding][] {
	return Object.entries(context);
}
