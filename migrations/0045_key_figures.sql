-- How many keys there are of a kind, of all organisations together: counted by a worker once a minute, so that
-- it takes the same however many servers are asked for it.

create table key_figures (
	name text not null,
	label text not null,
	count bigint not null,
	counted_at timestamptz not null default now(),
	primary key (name, label)
) with (fillfactor = 50);
