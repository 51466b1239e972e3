import type {Model, Screen} from '../app/model.ts';

/** What every screen's view is given: its state, the model, and the room between the frame's lines. */
export type ViewProperties<S extends Screen> = {
	screen: S;
	model: Model;
	columns: number;
	rows: number;
};
