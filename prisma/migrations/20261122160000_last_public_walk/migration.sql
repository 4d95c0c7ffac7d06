-- "last_completed_at" is raised by public walks only, the only ones that a neighbour's feed may show (the former version
-- asks for no others by it). What other walks raised it to stays: too high is only a question asked in vain, for a while.
CREATE OR REPLACE TRIGGER walks_stored_completed AFTER INSERT ON "walks"
FOR EACH ROW WHEN (new.completed_at IS NOT NULL AND new.visibility = 'public')
EXECUTE FUNCTION walk_tells_last_completed();
CREATE OR REPLACE TRIGGER walks_completed AFTER UPDATE OF "completed_at", "visibility" ON "walks"
FOR EACH ROW WHEN (
  new.completed_at IS NOT NULL AND new.visibility = 'public'
  AND (old.visibility <> 'public' OR new.completed_at > coalesce(old.completed_at, '-infinity'))
)
EXECUTE FUNCTION walk_tells_last_completed();
