-- AlterEnum
ALTER TYPE "audit_target" ADD VALUE 'job';

-- AlterEnum
ALTER TYPE "moderation_action" ADD VALUE 'view_account';
ALTER TYPE "moderation_action" ADD VALUE 'run_job';

-- By code points, whatever the database's language: the beginning of a name is a range then.
CREATE INDEX "users_nickname_prefix" ON "users" (lower("nickname") COLLATE "C");

-- What was done about somebody.
CREATE INDEX "audit_log_target_id_at_id_idx" ON "audit_log"("target_id", "at" DESC, "id" DESC);
