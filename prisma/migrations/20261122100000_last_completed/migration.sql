-- When each last completed a walk, whichever version of the service completes it: of ten times the neighbours,
-- a feed asks no more of them for their walks.
ALTER TABLE "users" ADD COLUMN "last_completed_at" TIMESTAMPTZ(3);

CREATE FUNCTION walk_tells_last_completed() RETURNS trigger LANGUAGE plpgsql AS $$
begin
  update users set last_completed_at = new.completed_at
  where id = new.user_id and new.completed_at > coalesce(last_completed_at, '-infinity');
  return null;
end;
$$;
CREATE TRIGGER walks_stored_completed AFTER INSERT ON "walks"
FOR EACH ROW WHEN (new.completed_at IS NOT NULL) EXECUTE FUNCTION walk_tells_last_completed();
CREATE TRIGGER walks_completed AFTER UPDATE OF "completed_at" ON "walks"
FOR EACH ROW WHEN (new.completed_at > coalesce(old.completed_at, '-infinity')) EXECUTE FUNCTION walk_tells_last_completed();
