/** The end of an id: its beginning is a time and much alike between neighbours. */
export function idHint(id: string): string {
	return id.slice(-8);
}
