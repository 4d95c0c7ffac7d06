-- CreateEnum
CREATE TYPE "invitation_state" AS ENUM ('pending', 'accepted', 'declined', 'expired', 'cancelled');

-- CreateEnum
CREATE TYPE "meetup_state" AS ENUM ('open', 'full', 'closed', 'cancelled');

-- CreateEnum
CREATE TYPE "report_target" AS ENUM ('user', 'walk', 'comment', 'meetup');

-- CreateEnum
CREATE TYPE "report_reason" AS ENUM ('spam', 'harassment', 'inappropriate', 'animal_abuse', 'privacy', 'fake_location', 'other');

-- CreateEnum
CREATE TYPE "report_state" AS ENUM ('open', 'dismissed', 'actioned');

-- CreateEnum
CREATE TYPE "moderation_action" AS ENUM ('dismiss', 'hide', 'unhide', 'warn', 'suspend', 'unsuspend', 'grant_role');

-- AlterEnum
ALTER TYPE "location_purpose" ADD VALUE 'walk_together';

-- AlterTable
ALTER TABLE "notifications" ADD COLUMN     "retracted_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "walks" ADD COLUMN     "hidden_at" TIMESTAMPTZ(3),
ADD COLUMN     "safe_distance_m" INTEGER;

-- CreateTable
CREATE TABLE "follows" (
    "follower_id" UUID NOT NULL,
    "followee_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "follows_pkey" PRIMARY KEY ("follower_id","followee_id")
);

-- CreateTable
CREATE TABLE "follow_requests" (
    "id" UUID NOT NULL,
    "requester_id" UUID NOT NULL,
    "target_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "follow_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "blocks" (
    "blocker_id" UUID NOT NULL,
    "blocked_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "blocks_pkey" PRIMARY KEY ("blocker_id","blocked_id")
);

-- CreateTable
CREATE TABLE "walk_likes" (
    "walk_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "walk_likes_pkey" PRIMARY KEY ("walk_id","user_id")
);

-- CreateTable
CREATE TABLE "walk_comments" (
    "id" UUID NOT NULL,
    "walk_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "body" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "hidden_at" TIMESTAMPTZ(3),

    CONSTRAINT "walk_comments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recommendations" (
    "user_id" UUID NOT NULL,
    "recommended_id" UUID NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "region_score" DOUBLE PRECISION NOT NULL,
    "hours_score" DOUBLE PRECISION NOT NULL,
    "breed_score" DOUBLE PRECISION NOT NULL,
    "activity_score" DOUBLE PRECISION NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "recommendations_pkey" PRIMARY KEY ("user_id","recommended_id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "inviter_id" UUID NOT NULL,
    "invitee_id" UUID NOT NULL,
    "state" "invitation_state" NOT NULL DEFAULT 'pending',
    "message" TEXT,
    "proposed_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "meetups" (
    "id" UUID NOT NULL,
    "host_id" UUID NOT NULL,
    "state" "meetup_state" NOT NULL DEFAULT 'open',
    "title" TEXT NOT NULL,
    "description" TEXT,
    "place_name" TEXT NOT NULL,
    "lat" DOUBLE PRECISION NOT NULL,
    "lng" DOUBLE PRECISION NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "capacity" INTEGER NOT NULL,
    "max_weight_kg" DECIMAL(5,2),
    "temperaments" TEXT[],
    "region_code" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "hidden_at" TIMESTAMPTZ(3),

    CONSTRAINT "meetups_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "meetup_participants" (
    "meetup_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "pet_id" UUID,
    "joined_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "meetup_participants_pkey" PRIMARY KEY ("meetup_id","user_id")
);

-- CreateTable
CREATE TABLE "rooms" (
    "id" UUID NOT NULL,
    "invitation_id" UUID,
    "meetup_id" UUID,
    "opens_at" TIMESTAMPTZ(3) NOT NULL,
    "closes_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rooms_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "room_members" (
    "room_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "consented_at" TIMESTAMPTZ(3),
    "left_at" TIMESTAMPTZ(3),

    CONSTRAINT "room_members_pkey" PRIMARY KEY ("room_id","user_id")
);

-- CreateTable
CREATE TABLE "reports" (
    "id" UUID NOT NULL,
    "reporter_id" UUID NOT NULL,
    "target_kind" "report_target" NOT NULL,
    "target_id" UUID NOT NULL,
    "target_user_id" UUID NOT NULL,
    "reason" "report_reason" NOT NULL,
    "note" TEXT,
    "snapshot" JSONB NOT NULL,
    "state" "report_state" NOT NULL DEFAULT 'open',
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "reports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" UUID NOT NULL,
    "actor_id" UUID,
    "action" "moderation_action" NOT NULL,
    "target_kind" "report_target" NOT NULL,
    "target_id" UUID NOT NULL,
    "report_id" UUID,
    "reason" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "follows_follower_id_created_at_followee_id_idx" ON "follows"("follower_id", "created_at" DESC, "followee_id" DESC);

-- CreateIndex
CREATE INDEX "follows_followee_id_created_at_follower_id_idx" ON "follows"("followee_id", "created_at" DESC, "follower_id" DESC);

-- CreateIndex
CREATE INDEX "follow_requests_target_id_created_at_id_idx" ON "follow_requests"("target_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "follow_requests_requester_id_target_id_key" ON "follow_requests"("requester_id", "target_id");

-- CreateIndex
CREATE INDEX "blocks_blocker_id_created_at_blocked_id_idx" ON "blocks"("blocker_id", "created_at" DESC, "blocked_id" DESC);

-- CreateIndex
CREATE INDEX "blocks_blocked_id_idx" ON "blocks"("blocked_id");

-- CreateIndex
CREATE INDEX "walk_likes_walk_id_created_at_user_id_idx" ON "walk_likes"("walk_id", "created_at" DESC, "user_id" DESC);

-- CreateIndex
CREATE INDEX "walk_likes_user_id_idx" ON "walk_likes"("user_id");

-- CreateIndex
CREATE INDEX "walk_comments_walk_id_created_at_id_idx" ON "walk_comments"("walk_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "walk_comments_user_id_idx" ON "walk_comments"("user_id");

-- CreateIndex
CREATE INDEX "recommendations_user_id_score_recommended_id_idx" ON "recommendations"("user_id", "score" DESC, "recommended_id");

-- CreateIndex
CREATE INDEX "recommendations_recommended_id_idx" ON "recommendations"("recommended_id");

-- CreateIndex
CREATE INDEX "invitations_inviter_id_created_at_id_idx" ON "invitations"("inviter_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "invitations_invitee_id_created_at_id_idx" ON "invitations"("invitee_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "invitations_to_expire" ON "invitations"("expires_at") WHERE (state = 'pending');

-- CreateIndex
CREATE UNIQUE INDEX "invitations_one_pending" ON "invitations"("inviter_id", "invitee_id") WHERE (state = 'pending');

-- CreateIndex
CREATE INDEX "meetups_coming" ON "meetups"("starts_at", "id") WHERE (state <> 'cancelled');

-- CreateIndex
CREATE INDEX "meetups_coming_of_region" ON "meetups"("region_code", "starts_at", "id") WHERE (state <> 'cancelled');

-- CreateIndex
CREATE INDEX "meetups_host_id_idx" ON "meetups"("host_id");

-- CreateIndex
CREATE INDEX "meetup_participants_user_id_idx" ON "meetup_participants"("user_id");

-- CreateIndex
CREATE INDEX "meetup_participants_pet_id_idx" ON "meetup_participants"("pet_id");

-- CreateIndex
CREATE UNIQUE INDEX "rooms_invitation_id_key" ON "rooms"("invitation_id");

-- CreateIndex
CREATE UNIQUE INDEX "rooms_meetup_id_key" ON "rooms"("meetup_id");

-- CreateIndex
CREATE INDEX "rooms_to_close" ON "rooms"("closes_at") WHERE (ended_at IS NULL);

-- CreateIndex
CREATE INDEX "room_members_user_id_idx" ON "room_members"("user_id");

-- CreateIndex
CREATE INDEX "reports_state_created_at_id_idx" ON "reports"("state", "created_at", "id");

-- CreateIndex
CREATE INDEX "reports_target_user_id_idx" ON "reports"("target_user_id");

-- CreateIndex
CREATE UNIQUE INDEX "reports_one_open" ON "reports"("reporter_id", "target_kind", "target_id") WHERE (state = 'open');

-- CreateIndex
CREATE INDEX "audit_log_at_id_idx" ON "audit_log"("at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "users_region_code_idx" ON "users"("region_code");

-- CreateIndex
CREATE INDEX "walks_shown" ON "walks"("completed_at" DESC, "id" DESC) WHERE (state = 'completed' AND counts AND visibility <> 'private' AND hidden_at IS NULL);

-- CreateIndex
CREATE INDEX "walks_shown_by_user" ON "walks"("user_id", "completed_at" DESC, "id" DESC) WHERE (state = 'completed' AND counts AND visibility <> 'private' AND hidden_at IS NULL);

-- CreateIndex
CREATE INDEX "walks_public_by_user" ON "walks"("user_id", "completed_at" DESC, "id" DESC) WHERE (state = 'completed' AND counts AND visibility = 'public' AND hidden_at IS NULL);

-- AddForeignKey
ALTER TABLE "follows" ADD CONSTRAINT "follows_follower_id_fkey" FOREIGN KEY ("follower_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "follows" ADD CONSTRAINT "follows_followee_id_fkey" FOREIGN KEY ("followee_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "follow_requests" ADD CONSTRAINT "follow_requests_requester_id_fkey" FOREIGN KEY ("requester_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "follow_requests" ADD CONSTRAINT "follow_requests_target_id_fkey" FOREIGN KEY ("target_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_blocker_id_fkey" FOREIGN KEY ("blocker_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_blocked_id_fkey" FOREIGN KEY ("blocked_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_likes" ADD CONSTRAINT "walk_likes_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_likes" ADD CONSTRAINT "walk_likes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_comments" ADD CONSTRAINT "walk_comments_walk_id_fkey" FOREIGN KEY ("walk_id") REFERENCES "walks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "walk_comments" ADD CONSTRAINT "walk_comments_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recommendations" ADD CONSTRAINT "recommendations_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recommendations" ADD CONSTRAINT "recommendations_recommended_id_fkey" FOREIGN KEY ("recommended_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_inviter_id_fkey" FOREIGN KEY ("inviter_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_invitee_id_fkey" FOREIGN KEY ("invitee_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meetups" ADD CONSTRAINT "meetups_host_id_fkey" FOREIGN KEY ("host_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meetup_participants" ADD CONSTRAINT "meetup_participants_meetup_id_fkey" FOREIGN KEY ("meetup_id") REFERENCES "meetups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meetup_participants" ADD CONSTRAINT "meetup_participants_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "meetup_participants" ADD CONSTRAINT "meetup_participants_pet_id_fkey" FOREIGN KEY ("pet_id") REFERENCES "pets"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_invitation_id_fkey" FOREIGN KEY ("invitation_id") REFERENCES "invitations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_meetup_id_fkey" FOREIGN KEY ("meetup_id") REFERENCES "meetups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_members" ADD CONSTRAINT "room_members_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_members" ADD CONSTRAINT "room_members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What Prisma cannot say.
ALTER TABLE "follows" ADD CONSTRAINT "follows_not_oneself" CHECK (follower_id <> followee_id);
ALTER TABLE "follow_requests" ADD CONSTRAINT "follow_requests_not_oneself" CHECK (requester_id <> target_id);
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_not_oneself" CHECK (blocker_id <> blocked_id);
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_not_oneself" CHECK (inviter_id <> invitee_id);
ALTER TABLE "rooms" ADD CONSTRAINT "rooms_of_one_thing" CHECK (num_nonnulls(invitation_id, meetup_id) = 1);

-- The audit log only grows.
CREATE FUNCTION audit_log_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'The audit log is not changed';
END
$$;
CREATE TRIGGER audit_log_stands BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_log"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_log_stands();
