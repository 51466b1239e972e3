/**
 * The operator has to change something before a start can succeed. The message says what, and is
 * shown as it stands; the launcher exits 78 (EX_CONFIG).
 */
export class StartRefused extends Error {
	override name = 'StartRefused';
}
