import type {Maker} from '../../../api-keys/left.ts';
import type {Query} from '../../../text/filter-grammar.ts';

/* Whose keys are listed, as what the list is narrowed to. */

export function queryOf({id, name, org_id}: Maker): Query {
	return {maker: id, name, ...(org_id === undefined ? {} : {org_id})};
}

export function makerIn({maker: id = '', name = '', org_id}: Query = {}): Maker {
	return {id, name, ...(org_id === undefined ? {} : {org_id})};
}
