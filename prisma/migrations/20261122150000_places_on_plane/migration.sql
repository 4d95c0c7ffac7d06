-- What is near is looked up on the Korean plane (geo.sql.ts). "places_open_at" goes in a later release: the former version reads it.
CREATE INDEX "places_open_on_plane" ON "places" USING GIST (ST_Transform("at"::geometry, 5179)) WHERE (closed_at IS NULL);
-- Without it an index of an expression has no statistics until many rows have changed.
ANALYZE "places";
