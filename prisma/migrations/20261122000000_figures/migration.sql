-- The few who left the boards since a snapshot was taken are looked up by when: of ten times the people, no more are read.
CREATE INDEX "users_hidden_since" ON "users" (greatest("suspended_at", "deletion_requested_at", "ranking_opted_out_at"))
WHERE suspended_at IS NOT NULL OR deletion_requested_at IS NOT NULL OR ranking_opted_out_at IS NOT NULL;
DROP INDEX "users_hidden_from_boards";

CREATE INDEX "walks_abandoned_to_purge" ON "walks" ("last_heard_at")
WHERE state = 'abandoned' AND completed_at IS NULL AND raw_purged_at IS NULL;
