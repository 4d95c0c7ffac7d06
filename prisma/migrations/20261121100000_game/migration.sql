-- CreateEnum
CREATE TYPE "total_period" AS ENUM ('week', 'month', 'quarter', 'all');

-- CreateEnum
CREATE TYPE "ranking_metric" AS ENUM ('distance', 'walks', 'moving_time');

-- CreateEnum
CREATE TYPE "ranking_scope" AS ENUM ('dong', 'gu', 'nation');

-- CreateEnum
CREATE TYPE "badge_category" AS ENUM ('distance', 'count', 'streak', 'explore', 'social', 'season');

-- CreateEnum
CREATE TYPE "notification_type" AS ENUM ('walk_reminder', 'badge_earned', 'ranking_change', 'social', 'companion', 'season_deadline', 'subscription');

-- CreateEnum
CREATE TYPE "push_state" AS ENUM ('none', 'pending', 'sent', 'capped', 'dropped');

-- CreateEnum
CREATE TYPE "push_platform" AS ENUM ('ios', 'android');

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "muted_notifications" "notification_type"[] DEFAULT ARRAY[]::"notification_type"[],
ADD COLUMN     "ranking_opted_out_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "walk_contributions" (
    "walk_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "walk_date" DATE NOT NULL,
    "completed_at" TIMESTAMPTZ(3) NOT NULL,
    "ranked" BOOLEAN NOT NULL,
    "distance_m" INTEGER NOT NULL,
    "moving_s" INTEGER NOT NULL,

    CONSTRAINT "walk_contributions_pkey" PRIMARY KEY ("walk_id")
);

-- CreateTable
CREATE TABLE "user_totals" (
    "period" "total_period" NOT NULL,
    "starts_on" DATE NOT NULL,
    "user_id" UUID NOT NULL,
    "walks" INTEGER NOT NULL DEFAULT 0,
    "distance_m" INTEGER NOT NULL DEFAULT 0,
    "moving_s" INTEGER NOT NULL DEFAULT 0,
    "ranked_walks" INTEGER NOT NULL DEFAULT 0,
    "ranked_distance_m" INTEGER NOT NULL DEFAULT 0,
    "ranked_moving_s" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "user_totals_pkey" PRIMARY KEY ("period","starts_on","user_id")
);

-- CreateTable
CREATE TABLE "streak_shields" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "covers_from" DATE NOT NULL,
    "covers_to" DATE NOT NULL,

    CONSTRAINT "streak_shields_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "walk_places" (
    "walk_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "cells" BIGINT[],

    CONSTRAINT "walk_places_pkey" PRIMARY KEY ("walk_id")
);

-- CreateTable
CREATE TABLE "badge_definitions" (
    "code" TEXT NOT NULL,
    "category" "badge_category" NOT NULL,
    "target" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "yearly" BOOLEAN NOT NULL,
    "introduced_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "badge_definitions_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "user_badges" (
    "user_id" UUID NOT NULL,
    "code" TEXT NOT NULL,
    "year" INTEGER NOT NULL DEFAULT 0,
    "earned_at" TIMESTAMPTZ(3) NOT NULL,
    "walk_ids" UUID[],

    CONSTRAINT "user_badges_pkey" PRIMARY KEY ("user_id","code","year")
);

-- CreateTable
CREATE TABLE "ranking_snapshots" (
    "id" SERIAL NOT NULL,
    "period" "total_period" NOT NULL,
    "starts_on" DATE NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,
    "is_current" BOOLEAN NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "ranking_snapshots_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ranking_rows" (
    "snapshot_id" INTEGER NOT NULL,
    "metric" "ranking_metric" NOT NULL,
    "user_id" UUID NOT NULL,
    "value" INTEGER NOT NULL,
    "dong_code" TEXT,
    "gu_code" TEXT,
    "dong_rank" INTEGER,
    "gu_rank" INTEGER,
    "nation_rank" INTEGER NOT NULL,
    "former_dong_rank" INTEGER,
    "former_gu_rank" INTEGER,
    "former_nation_rank" INTEGER,

    CONSTRAINT "ranking_rows_pkey" PRIMARY KEY ("snapshot_id","user_id","metric")
);

-- CreateTable
CREATE TABLE "ranking_boards" (
    "snapshot_id" INTEGER NOT NULL,
    "metric" "ranking_metric" NOT NULL,
    "scope" "ranking_scope" NOT NULL,
    "region_code" TEXT NOT NULL,
    "members" INTEGER NOT NULL,

    CONSTRAINT "ranking_boards_pkey" PRIMARY KEY ("snapshot_id","metric","scope","region_code")
);

-- CreateTable
CREATE TABLE "hall_of_fame" (
    "id" UUID NOT NULL,
    "period" "total_period" NOT NULL,
    "starts_on" DATE NOT NULL,
    "scope" "ranking_scope" NOT NULL,
    "region_code" TEXT NOT NULL,
    "metric" "ranking_metric" NOT NULL,
    "rank" INTEGER NOT NULL,
    "value" INTEGER NOT NULL,
    "user_id" UUID,
    "entered_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "hall_of_fame_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "type" "notification_type" NOT NULL,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "data" JSONB NOT NULL DEFAULT '{}',
    "dedupe_key" TEXT NOT NULL,
    "group_key" TEXT,
    "actor_id" UUID,
    "walk_id" UUID,
    "urgent" BOOLEAN NOT NULL DEFAULT false,
    "push_state" "push_state" NOT NULL,
    "stale_at" TIMESTAMPTZ(3),
    "delivery_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "read_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "push_tokens" (
    "id" UUID NOT NULL,
    "token" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "platform" "push_platform" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "push_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "push_deliveries" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "ordinal" INTEGER,
    "title" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "remaining" UUID[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "leased_until" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "push_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "walk_contributions_user_id_idx" ON "walk_contributions"("user_id");

-- CreateIndex
CREATE INDEX "user_totals_user_id_idx" ON "user_totals"("user_id");

-- CreateIndex
CREATE INDEX "streak_shields_user_id_covers_from_idx" ON "streak_shields"("user_id", "covers_from");

-- CreateIndex
CREATE INDEX "walk_places_user_id_idx" ON "walk_places"("user_id");

-- CreateIndex
CREATE INDEX "user_badges_code_idx" ON "user_badges"("code");

-- CreateIndex
CREATE INDEX "ranking_snapshots_period_starts_on_idx" ON "ranking_snapshots"("period", "starts_on");

-- CreateIndex
CREATE UNIQUE INDEX "ranking_snapshots_current" ON "ranking_snapshots"("period", "starts_on") WHERE (is_current);

-- CreateIndex
CREATE INDEX "ranking_rows_dong" ON "ranking_rows"("snapshot_id", "metric", "dong_code", "value" DESC, "user_id");

-- CreateIndex
CREATE INDEX "ranking_rows_gu" ON "ranking_rows"("snapshot_id", "metric", "gu_code", "value" DESC, "user_id");

-- CreateIndex
CREATE INDEX "ranking_rows_nation" ON "ranking_rows"("snapshot_id", "metric", "value" DESC, "user_id");

-- CreateIndex
CREATE INDEX "hall_of_fame_scope_region_code_starts_on_idx" ON "hall_of_fame"("scope", "region_code", "starts_on" DESC);

-- CreateIndex
CREATE INDEX "hall_of_fame_user_id_idx" ON "hall_of_fame"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "hall_of_fame_once" ON "hall_of_fame"("period", "starts_on", "scope", "region_code", "metric", "rank", "user_id");

-- CreateIndex
CREATE INDEX "notifications_user_id_created_at_id_idx" ON "notifications"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "notifications_unread" ON "notifications"("user_id") WHERE (read_at IS NULL);

-- CreateIndex
CREATE INDEX "notifications_to_push" ON "notifications"("user_id") WHERE (push_state = 'pending');

-- CreateIndex
CREATE INDEX "notifications_created_at_idx" ON "notifications"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "notifications_user_id_dedupe_key_key" ON "notifications"("user_id", "dedupe_key");

-- CreateIndex
CREATE UNIQUE INDEX "push_tokens_token_key" ON "push_tokens"("token");

-- CreateIndex
CREATE INDEX "push_tokens_user_id_idx" ON "push_tokens"("user_id");

-- CreateIndex
CREATE INDEX "push_tokens_session_id_idx" ON "push_tokens"("session_id");

-- CreateIndex
CREATE INDEX "push_deliveries_open" ON "push_deliveries"("user_id") WHERE (settled_at IS NULL);

-- CreateIndex
CREATE INDEX "push_deliveries_created_at_idx" ON "push_deliveries"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "push_deliveries_user_id_day_ordinal_key" ON "push_deliveries"("user_id", "day", "ordinal");

-- CreateIndex
CREATE INDEX "users_hidden_from_boards" ON "users"("id") WHERE (suspended_at IS NOT NULL OR deletion_requested_at IS NOT NULL OR ranking_opted_out_at IS NOT NULL);

-- CreateIndex
CREATE INDEX "walks_counting_by_user" ON "walks"("user_id", "walk_date") WHERE (state = 'completed' AND counts);

-- CreateIndex
CREATE INDEX "walks_counting_by_date" ON "walks"("walk_date") WHERE (state = 'completed' AND counts);

-- AddForeignKey
ALTER TABLE "walk_contributions" ADD CONSTRAINT "walk_contributions_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_contributions" ADD CONSTRAINT "walk_contributions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_totals" ADD CONSTRAINT "user_totals_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "streak_shields" ADD CONSTRAINT "streak_shields_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_places" ADD CONSTRAINT "walk_places_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_badges" ADD CONSTRAINT "user_badges_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "user_badges" ADD CONSTRAINT "user_badges_code_fkey" FOREIGN KEY ("code") REFERENCES "badge_definitions"("code") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "hall_of_fame" ADD CONSTRAINT "hall_of_fame_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "push_tokens" ADD CONSTRAINT "push_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "push_tokens" ADD CONSTRAINT "push_tokens_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "push_deliveries" ADD CONSTRAINT "push_deliveries_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
