/** What `latchkey` runs where the appliance is, beside the console and its commands. */
export const programsOfAppliance: readonly string[] = [
	'server',
	'worker',
	'migrate',
	'init',
	'secrets',
	'audit',
	'admin',
	'doctor',
	'backup',
	'restore',
	'drill',
];
