-- Until when all uses that a server has seen are known to be in Redis or PostgreSQL, so that a key that was
-- not used for some time can be told from one whose use is still on its way. Null: not said. Adds only.

alter table verifiers add column usage_sent_until timestamptz;
