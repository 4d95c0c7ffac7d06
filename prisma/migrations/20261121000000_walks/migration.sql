-- PostGIS lives in public; every geography column needs it.
CREATE EXTENSION IF NOT EXISTS postgis;

-- CreateEnum
CREATE TYPE "user_role" AS ENUM ('user', 'moderator', 'admin');

-- CreateEnum
CREATE TYPE "profile_visibility" AS ENUM ('public', 'private');

-- CreateEnum
CREATE TYPE "walk_visibility" AS ENUM ('public', 'followers', 'private');

-- CreateEnum
CREATE TYPE "provider" AS ENUM ('kakao', 'naver', 'apple');

-- CreateEnum
CREATE TYPE "walk_state" AS ENUM ('recording', 'completed', 'abandoned', 'deleted');

-- CreateEnum
CREATE TYPE "walk_source" AS ENUM ('live', 'upload', 'gpx');

-- CreateEnum
CREATE TYPE "pet_sex" AS ENUM ('male', 'female', 'unknown');

-- CreateEnum
CREATE TYPE "health_kind" AS ENUM ('weight', 'vaccination', 'vet_visit', 'medication');

-- CreateEnum
CREATE TYPE "consent_kind" AS ENUM ('terms', 'privacy', 'location', 'marketing');

-- CreateEnum
CREATE TYPE "location_purpose" AS ENUM ('walk_recording', 'walk_route_view');

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "nickname" TEXT NOT NULL,
    "bio" TEXT,
    "role" "user_role" NOT NULL DEFAULT 'user',
    "region_code" TEXT,
    "profile_visibility" "profile_visibility" NOT NULL DEFAULT 'public',
    "default_walk_visibility" "walk_visibility" NOT NULL DEFAULT 'followers',
    "locale" TEXT NOT NULL DEFAULT 'ko',
    "privacy_seed" BYTEA NOT NULL,
    "privacy_revision" INTEGER NOT NULL DEFAULT 0,
    "suspended_at" TIMESTAMPTZ(3),
    "deletion_requested_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identities" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "provider" "provider" NOT NULL,
    "provider_user_id" TEXT NOT NULL,
    "client_id" TEXT,
    "refresh_token_sealed" BYTEA,
    "linked_at" TIMESTAMPTZ(3) NOT NULL,
    "unlinked_at" TIMESTAMPTZ(3),

    CONSTRAINT "identities_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "device_name" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_reason" TEXT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "refresh_tokens" (
    "token_hash" BYTEA NOT NULL,
    "session_id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "rotated_at" TIMESTAMPTZ(3),
    "successor_sealed" BYTEA,

    CONSTRAINT "refresh_tokens_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "login_nonces" (
    "nonce_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "login_nonces_pkey" PRIMARY KEY ("nonce_hash")
);

-- CreateTable
CREATE TABLE "provider_events" (
    "id" UUID NOT NULL,
    "provider" "provider" NOT NULL,
    "event_key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "processed_at" TIMESTAMPTZ(3),

    CONSTRAINT "provider_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consents" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" "consent_kind" NOT NULL,
    "version" TEXT NOT NULL,
    "granted" BOOLEAN NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "consents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "privacy_zones" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "lat" DOUBLE PRECISION NOT NULL,
    "lng" DOUBLE PRECISION NOT NULL,
    "radius_m" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "privacy_zones_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "location_uses" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "provided_to" UUID,
    "purpose" "location_purpose" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "location_uses_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pets" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "species" TEXT NOT NULL DEFAULT 'dog',
    "breed" TEXT,
    "sex" "pet_sex" NOT NULL DEFAULT 'unknown',
    "neutered" BOOLEAN,
    "birth_date" DATE,
    "weight_kg" DECIMAL(5,2),
    "temperament" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "pets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "health_records" (
    "id" UUID NOT NULL,
    "pet_id" UUID NOT NULL,
    "kind" "health_kind" NOT NULL,
    "date" DATE NOT NULL,
    "title" TEXT,
    "note" TEXT,
    "weight_kg" DECIMAL(5,2),
    "next_due" DATE,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "health_records_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "walks" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "state" "walk_state" NOT NULL,
    "source" "walk_source" NOT NULL,
    "visibility" "walk_visibility" NOT NULL,
    "title" TEXT,
    "memo" TEXT,
    "walk_date" DATE NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "claimed_start_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "completed_at" TIMESTAMPTZ(3),
    "last_heard_at" TIMESTAMPTZ(3) NOT NULL,
    "expected_points" INTEGER,
    "stored_points" INTEGER NOT NULL DEFAULT 0,
    "awaiting_points" BOOLEAN NOT NULL DEFAULT false,
    "crop_from" TIMESTAMPTZ(3),
    "crop_to" TIMESTAMPTZ(3),
    "revision" INTEGER NOT NULL DEFAULT 0,
    "filter_version" INTEGER,
    "distance_m" INTEGER NOT NULL DEFAULT 0,
    "estimated_m" INTEGER NOT NULL DEFAULT 0,
    "elapsed_s" INTEGER NOT NULL DEFAULT 0,
    "moving_s" INTEGER NOT NULL DEFAULT 0,
    "avg_speed_mps" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "top_speed_mps" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "counts" BOOLEAN NOT NULL DEFAULT false,
    "reasons" TEXT[],
    "left_out" JSONB NOT NULL DEFAULT '[]',
    "dropped_points" JSONB NOT NULL DEFAULT '{}',
    "trim_from" TIMESTAMPTZ(3),
    "trim_to" TIMESTAMPTZ(3),
    "track_fingerprint" TEXT,
    "duplicate_of_id" UUID,
    "start_region_code" TEXT,
    "preview" TEXT[],
    "safe_preview" TEXT[],
    "privacy_revision" INTEGER NOT NULL DEFAULT -1,
    "raw_purged_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "walks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "walk_pets" (
    "walk_id" UUID NOT NULL,
    "pet_id" UUID NOT NULL,
    "weight_kg" DECIMAL(5,2),
    "calories_kcal" INTEGER,

    CONSTRAINT "walk_pets_pkey" PRIMARY KEY ("walk_id","pet_id")
);

-- CreateTable
CREATE TABLE "walk_chunks" (
    "walk_id" UUID NOT NULL,
    "content_hash" BYTEA NOT NULL,
    "point_count" INTEGER NOT NULL,
    "points" JSON NOT NULL,
    "pauses" JSON NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "walk_chunks_pkey" PRIMARY KEY ("walk_id","content_hash")
);

-- CreateTable
CREATE TABLE "walk_tracks" (
    "walk_id" UUID NOT NULL,
    "segments" JSON NOT NULL,
    "path" geography(MultiLineStringM,4326),

    CONSTRAINT "walk_tracks_pkey" PRIMARY KEY ("walk_id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "user_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" BYTEA NOT NULL,
    "answer" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("user_id","key")
);

-- CreateTable
CREATE TABLE "schedule_runs" (
    "name" TEXT NOT NULL,
    "slot_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "schedule_runs_pkey" PRIMARY KEY ("name","slot_at")
);

-- CreateIndex
CREATE INDEX "identities_user_id_idx" ON "identities"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "identities_provider_provider_user_id_key" ON "identities"("provider", "provider_user_id");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE INDEX "refresh_tokens_session_id_idx" ON "refresh_tokens"("session_id");

-- CreateIndex
CREATE INDEX "refresh_tokens_expires_at_idx" ON "refresh_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "login_nonces_expires_at_idx" ON "login_nonces"("expires_at");

-- CreateIndex
CREATE UNIQUE INDEX "provider_events_provider_event_key_key" ON "provider_events"("provider", "event_key");

-- CreateIndex
CREATE INDEX "consents_user_id_at_id_idx" ON "consents"("user_id", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "privacy_zones_user_id_id_idx" ON "privacy_zones"("user_id", "id");

-- CreateIndex
CREATE INDEX "location_uses_user_id_at_id_idx" ON "location_uses"("user_id", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "pets_user_id_created_at_id_idx" ON "pets"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "health_records_pet_id_date_id_idx" ON "health_records"("pet_id", "date" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "walks_user_id_started_at_id_idx" ON "walks"("user_id", "started_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "walks_recording_last_heard" ON "walks"("last_heard_at") WHERE (state = 'recording');

-- CreateIndex
CREATE INDEX "walks_raw_to_purge" ON "walks"("completed_at") WHERE (raw_purged_at IS NULL AND completed_at IS NOT NULL);

-- CreateIndex
CREATE INDEX "walks_awaiting_points" ON "walks"("completed_at") WHERE (awaiting_points);

-- CreateIndex
CREATE INDEX "walks_track_fingerprint" ON "walks"("track_fingerprint") WHERE (track_fingerprint IS NOT NULL);

-- CreateIndex
CREATE UNIQUE INDEX "walks_one_recording_per_user" ON "walks"("user_id") WHERE (state = 'recording');

-- CreateIndex
CREATE INDEX "walk_pets_pet_id_idx" ON "walk_pets"("pet_id");

-- CreateIndex
CREATE INDEX "walk_tracks_path_idx" ON "walk_tracks" USING GIST ("path");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- AddForeignKey
ALTER TABLE "identities" ADD CONSTRAINT "identities_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "consents" ADD CONSTRAINT "consents_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "privacy_zones" ADD CONSTRAINT "privacy_zones_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "location_uses" ADD CONSTRAINT "location_uses_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pets" ADD CONSTRAINT "pets_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "health_records" ADD CONSTRAINT "health_records_pet_id_fkey" FOREIGN KEY ("pet_id") REFERENCES "pets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walks" ADD CONSTRAINT "walks_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_pets" ADD CONSTRAINT "walk_pets_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_pets" ADD CONSTRAINT "walk_pets_pet_id_fkey" FOREIGN KEY ("pet_id") REFERENCES "pets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_chunks" ADD CONSTRAINT "walk_chunks_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_tracks" ADD CONSTRAINT "walk_tracks_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;
