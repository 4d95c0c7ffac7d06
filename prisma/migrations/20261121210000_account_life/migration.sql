-- DropForeignKey
ALTER TABLE "consents" DROP CONSTRAINT "consents_user_id_fkey";

-- DropForeignKey
ALTER TABLE "location_uses" DROP CONSTRAINT "location_uses_user_id_fkey";

-- CreateTable
CREATE TABLE "erasures" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "begun_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "left_undone" TEXT[],
    "owed_sealed" BYTEA,

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "erasures_user_id_key" ON "erasures"("user_id");

-- CreateIndex
CREATE INDEX "erasures_unfinished" ON "erasures"("begun_at") WHERE (finished_at IS NULL);

-- CreateIndex
CREATE INDEX "location_uses_by_age" ON "location_uses" USING BRIN ("at");

-- CreateIndex
CREATE INDEX "users_leaving" ON "users"("deletion_requested_at") WHERE (deletion_requested_at IS NOT NULL);

-- AddForeignKey
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What only grows is deleted all the same when the law's term for it is over (accounts/retention.ts), and by nothing else.
CREATE FUNCTION is_aged_out(p_op text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p_op = 'DELETE' AND coalesce(current_setting('withbowwow.aged_out', true), '') = 'on'
$$;
CREATE OR REPLACE FUNCTION audit_log_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_aged_out(tg_op) THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'The audit log is not changed';
END
$$;
CREATE OR REPLACE FUNCTION money_history_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_aged_out(tg_op) THEN RETURN NULL; END IF;
  RAISE EXCEPTION 'What was written about money is not changed';
END
$$;
