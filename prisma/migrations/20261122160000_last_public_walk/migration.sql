-- "last_completed_at" counts public walks only, the only ones that a neighbour's feed may show; the former version asks
-- for no others by it. Walks are not written meanwhile: one that opens while the column is lowered would be missed.
CREATE OR REPLACE TRIGGER walks_stored_completed AFTER INSERT ON "walks"
FOR EACH ROW WHEN (new.completed_at IS NOT NULL AND new.visibility = 'public')
EXECUTE FUNCTION walk_tells_last_completed();
CREATE OR REPLACE TRIGGER walks_completed AFTER UPDATE OF "completed_at", "visibility" ON "walks"
FOR EACH ROW WHEN (
  new.completed_at IS NOT NULL AND new.visibility = 'public'
  AND (old.visibility <> 'public' OR new.completed_at > coalesce(old.completed_at, '-infinity'))
)
EXECUTE FUNCTION walk_tells_last_completed();

UPDATE "users" SET "last_completed_at" = (
  SELECT max(completed_at) FROM walks WHERE walks.user_id = users.id AND visibility = 'public'
)
WHERE "last_completed_at" IS NOT NULL;
