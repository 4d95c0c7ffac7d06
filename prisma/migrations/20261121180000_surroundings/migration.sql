-- CreateEnum
CREATE TYPE "precipitation" AS ENUM ('none', 'rain', 'rain_snow', 'snow', 'shower', 'drizzle', 'drizzle_snow', 'snow_flurry');

-- CreateEnum
CREATE TYPE "place_kind" AS ENUM ('vet', 'park', 'cafe', 'lodging', 'shop', 'culture');

-- CreateEnum
CREATE TYPE "place_source" AS ENUM ('animal_hospitals', 'pet_tour');

-- CreateEnum
CREATE TYPE "sync_state" AS ENUM ('running', 'finished', 'failed');

-- CreateEnum
CREATE TYPE "photo_kind" AS ENUM ('pet_profile', 'walk_photo');

-- AlterEnum
ALTER TYPE "audit_target" ADD VALUE 'photo';

-- AlterEnum
ALTER TYPE "location_purpose" ADD VALUE 'walk_share';

-- AlterEnum
ALTER TYPE "report_target" ADD VALUE 'photo';

-- CreateTable
CREATE TABLE "daily_quotas" (
    "day" DATE NOT NULL,
    "name" TEXT NOT NULL,
    "used" INTEGER NOT NULL,

    CONSTRAINT "daily_quotas_pkey" PRIMARY KEY ("day","name")
);

-- CreateTable
CREATE TABLE "weather_cells" (
    "nx" INTEGER NOT NULL,
    "ny" INTEGER NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "nowcast" JSONB,
    "nowcast_fetched_at" TIMESTAMPTZ(3),
    "soon" JSONB,
    "soon_fetched_at" TIMESTAMPTZ(3),
    "days" JSONB,
    "days_fetched_at" TIMESTAMPTZ(3),
    "leased_until" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "failure" TEXT,

    CONSTRAINT "weather_cells_pkey" PRIMARY KEY ("nx","ny")
);

-- CreateTable
CREATE TABLE "air_stations" (
    "name" TEXT NOT NULL,
    "lat" DOUBLE PRECISION NOT NULL,
    "lng" DOUBLE PRECISION NOT NULL,
    "measured_at" TIMESTAMPTZ(3),
    "pm10" INTEGER,
    "pm25" INTEGER,
    "fetched_at" TIMESTAMPTZ(3),
    "listed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "air_stations_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "walk_weather" (
    "walk_id" UUID NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,
    "temperature_c" DOUBLE PRECISION,
    "humidity_pct" INTEGER,
    "wind_mps" DOUBLE PRECISION,
    "precipitation" "precipitation",
    "pm10" INTEGER,
    "pm25" INTEGER,

    CONSTRAINT "walk_weather_pkey" PRIMARY KEY ("walk_id")
);

-- CreateTable
CREATE TABLE "regions" (
    "code" TEXT NOT NULL,
    "sido" TEXT NOT NULL,
    "gu" TEXT NOT NULL,
    "dong" TEXT NOT NULL,
    "boundary" geometry(MultiPolygon,4326),
    "imported_at" TIMESTAMPTZ(3),
    "learnt_at" TIMESTAMPTZ(3),
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "regions_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "region_aliases" (
    "old_code" TEXT NOT NULL,
    "new_code" TEXT NOT NULL,
    "valid_from" DATE NOT NULL,

    CONSTRAINT "region_aliases_pkey" PRIMARY KEY ("old_code")
);

-- CreateTable
CREATE TABLE "places" (
    "id" UUID NOT NULL,
    "source" "place_source" NOT NULL,
    "source_key" TEXT NOT NULL,
    "kind" "place_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT,
    "phone" TEXT,
    "pet_note" TEXT,
    "image_url" TEXT,
    "lat" DOUBLE PRECISION,
    "lng" DOUBLE PRECISION,
    "at" geography(Point,4326),
    "content_hash" BYTEA NOT NULL,
    "source_changed_at" TIMESTAMPTZ(3),
    "seen_in_run_id" UUID,
    "closed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "places_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "place_sync_runs" (
    "id" UUID NOT NULL,
    "source" "place_source" NOT NULL,
    "state" "sync_state" NOT NULL,
    "is_sweep" BOOLEAN NOT NULL,
    "changed_from" TIMESTAMPTZ(3),
    "next_page" INTEGER NOT NULL DEFAULT 1,
    "pages" INTEGER,
    "added" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "closed" INTEGER NOT NULL DEFAULT 0,
    "rejected" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "place_sync_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "photos" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" "photo_kind" NOT NULL,
    "walk_id" UUID,
    "pet_id" UUID,
    "storage_key" TEXT NOT NULL,
    "width_px" INTEGER NOT NULL,
    "height_px" INTEGER NOT NULL,
    "fix_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "hidden_at" TIMESTAMPTZ(3),

    CONSTRAINT "photos_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "upload_intents" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" "photo_kind" NOT NULL,
    "walk_id" UUID,
    "pet_id" UUID,
    "storage_key" TEXT NOT NULL,
    "media_type" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "upload_intents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "file_deletions" (
    "storage_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kept_for" UUID,

    CONSTRAINT "file_deletions_pkey" PRIMARY KEY ("storage_key")
);

-- CreateTable
CREATE TABLE "walk_shares" (
    "id" UUID NOT NULL,
    "walk_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "theme" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "walk_shares_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "weather_cells_asked_at_idx" ON "weather_cells"("asked_at");

-- CreateIndex
CREATE INDEX "regions_boundary_idx" ON "regions" USING GIST ("boundary");

-- CreateIndex
CREATE INDEX "places_open_at" ON "places" USING GIST ("at") WHERE (closed_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "places_source_source_key_key" ON "places"("source", "source_key");

-- CreateIndex
CREATE INDEX "place_sync_runs_source_started_at_idx" ON "place_sync_runs"("source", "started_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "place_sync_runs_one_running" ON "place_sync_runs"("source") WHERE (state = 'running');

-- CreateIndex
CREATE UNIQUE INDEX "photos_storage_key_key" ON "photos"("storage_key");

-- CreateIndex
CREATE INDEX "photos_user_id_idx" ON "photos"("user_id");

-- CreateIndex
CREATE INDEX "photos_walk_id_created_at_id_idx" ON "photos"("walk_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "photos_pet_id_created_at_idx" ON "photos"("pet_id", "created_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "upload_intents_storage_key_key" ON "upload_intents"("storage_key");

-- CreateIndex
CREATE INDEX "upload_intents_user_id_idx" ON "upload_intents"("user_id");

-- CreateIndex
CREATE INDEX "upload_intents_expires_at_idx" ON "upload_intents"("expires_at");

-- CreateIndex
CREATE INDEX "file_deletions_kept_for_idx" ON "file_deletions"("kept_for") WHERE (kept_for is not null);

-- CreateIndex
CREATE UNIQUE INDEX "walk_shares_token_hash_key" ON "walk_shares"("token_hash");

-- CreateIndex
CREATE INDEX "walk_shares_walk_id_created_at_idx" ON "walk_shares"("walk_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "walk_shares_user_id_idx" ON "walk_shares"("user_id");

-- CreateIndex
CREATE INDEX "walk_shares_expires_at_idx" ON "walk_shares"("expires_at");

-- AddForeignKey
ALTER TABLE "walk_weather" ADD CONSTRAINT "walk_weather_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "photos" ADD CONSTRAINT "photos_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "photos" ADD CONSTRAINT "photos_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "photos" ADD CONSTRAINT "photos_pet_id_fkey" FOREIGN KEY ("pet_id") REFERENCES "pets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "upload_intents" ADD CONSTRAINT "upload_intents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_shares" ADD CONSTRAINT "walk_shares_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_shares" ADD CONSTRAINT "walk_shares_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whatever takes a row away (its owner, a cascade, the purge of an account), its files go with it.
CREATE FUNCTION files_to_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO file_deletions (storage_key, at) VALUES (OLD.storage_key, now())
    ON CONFLICT (storage_key) DO UPDATE SET at = excluded.at;
  RETURN NULL;
END
$$;
CREATE TRIGGER upload_intents_files AFTER DELETE ON "upload_intents" FOR EACH ROW EXECUTE FUNCTION files_to_delete();

-- What was reported is kept until the report is settled, at most 30 days: its owner cannot take the evidence away.
CREATE FUNCTION photo_files_to_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_reported boolean := EXISTS (
    SELECT FROM reports r
    WHERE r.target_user_id = OLD.user_id AND r.target_kind = 'photo' AND r.target_id = OLD.id AND r.state = 'open'
  );
BEGIN
  INSERT INTO file_deletions (storage_key, at, kept_for) VALUES (
    OLD.storage_key,
    CASE WHEN is_reported THEN now() + interval '30 days' ELSE now() END,
    CASE WHEN is_reported THEN OLD.id END
  ) ON CONFLICT (storage_key) DO UPDATE SET at = excluded.at, kept_for = excluded.kept_for;
  RETURN NULL;
END
$$;
CREATE TRIGGER photos_files AFTER DELETE ON "photos" FOR EACH ROW EXECUTE FUNCTION photo_files_to_delete();

CREATE FUNCTION cards_to_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO file_deletions (storage_key, at) VALUES ('cards/' || OLD.id, now())
    ON CONFLICT (storage_key) DO UPDATE SET at = excluded.at;
  RETURN NULL;
END
$$;
CREATE TRIGGER walks_cards AFTER DELETE ON "walks" FOR EACH ROW EXECUTE FUNCTION cards_to_delete();
