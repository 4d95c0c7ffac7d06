-- CreateEnum
CREATE TYPE "store" AS ENUM ('apple', 'google', 'toss');

-- CreateEnum
CREATE TYPE "store_environment" AS ENUM ('production', 'sandbox');

-- CreateEnum
CREATE TYPE "plan" AS ENUM ('monthly', 'yearly');

-- CreateEnum
CREATE TYPE "subscription_state" AS ENUM ('trial', 'active', 'cancelled', 'grace', 'on_hold', 'paused', 'refunded', 'expired');

-- CreateEnum
CREATE TYPE "ledger_kind" AS ENUM ('charge', 'refund', 'refund_reversed');

-- CreateEnum
CREATE TYPE "charge_consent_kind" AS ENUM ('trial_to_paid', 'purchase', 'plan_change', 'price_raise');

-- CreateEnum
CREATE TYPE "trial_holder" AS ENUM ('person', 'card');

-- CreateEnum
CREATE TYPE "toss_order_kind" AS ENUM ('renewal', 'one_off');

-- CreateEnum
CREATE TYPE "toss_order_state" AS ENUM ('open', 'paid', 'declined', 'void');

-- AlterEnum
ALTER TYPE "moderation_action" ADD VALUE 'replay_webhook';

-- CreateEnum
CREATE TYPE "audit_target" AS ENUM ('user', 'walk', 'comment', 'meetup', 'store_event');

-- AlterTable
ALTER TABLE "audit_log" ALTER COLUMN "target_kind" TYPE "audit_target" USING ("target_kind"::text::"audit_target");

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "billing_id" UUID NOT NULL DEFAULT gen_random_uuid();

-- CreateTable
CREATE TABLE "subscriptions" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "store" "store" NOT NULL,
    "store_key" TEXT NOT NULL,
    "token_sealed" BYTEA,
    "environment" "store_environment" NOT NULL,
    "plan" "plan",
    "product_id" TEXT,
    "state" "subscription_state" NOT NULL,
    "access_until" TIMESTAMPTZ(3),
    "renews" BOOLEAN NOT NULL,
    "standing" JSONB NOT NULL,
    "changes_at" TIMESTAMPTZ(3),
    "transferred_at" TIMESTAMPTZ(3),
    "acknowledge_by" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscription_facts" (
    "subscription_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "fact" JSONB NOT NULL,

    CONSTRAINT "subscription_facts_pkey" PRIMARY KEY ("subscription_id","key")
);

-- CreateTable
CREATE TABLE "subscription_changes" (
    "id" UUID NOT NULL,
    "subscription_id" UUID NOT NULL,
    "from_state" "subscription_state",
    "to_state" "subscription_state" NOT NULL,
    "access_until" TIMESTAMPTZ(3),
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "subscription_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entries" (
    "id" UUID NOT NULL,
    "subscription_id" UUID NOT NULL,
    "environment" "store_environment" NOT NULL,
    "kind" "ledger_kind" NOT NULL,
    "period_id" TEXT NOT NULL,
    "amount_milli" INTEGER NOT NULL,
    "currency" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ledger_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "charge_consents" (
    "id" UUID NOT NULL,
    "subscription_id" UUID NOT NULL,
    "kind" "charge_consent_kind" NOT NULL,
    "plan" "plan" NOT NULL,
    "price_krw" INTEGER NOT NULL,
    "charges_from" TIMESTAMPTZ(3) NOT NULL,
    "text_version" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "charge_consents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "trial_uses" (
    "holder" "trial_holder" NOT NULL,
    "hash" BYTEA NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "trial_uses_pkey" PRIMARY KEY ("holder","hash")
);

-- CreateTable
CREATE TABLE "billing_methods" (
    "id" UUID NOT NULL,
    "user_id" UUID,
    "billing_key_sealed" BYTEA NOT NULL,
    "billing_key_hash" BYTEA NOT NULL,
    "label" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),
    "deleted_at_toss_at" TIMESTAMPTZ(3),

    CONSTRAINT "billing_methods_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "toss_contracts" (
    "subscription_id" UUID NOT NULL,
    "billing_method_id" UUID,
    "plan" "plan" NOT NULL,
    "price_krw" INTEGER NOT NULL,
    "next_plan" "plan",
    "anchor_at" TIMESTAMPTZ(3) NOT NULL,
    "anchor_period" INTEGER NOT NULL DEFAULT 0,
    "next_period" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "first_failed_at" TIMESTAMPTZ(3),
    "revision" INTEGER NOT NULL DEFAULT 0,
    "told_price_krw" INTEGER,
    "told_at" TIMESTAMPTZ(3),

    CONSTRAINT "toss_contracts_pkey" PRIMARY KEY ("subscription_id")
);

-- CreateTable
CREATE TABLE "toss_orders" (
    "id" UUID NOT NULL,
    "order_id" TEXT NOT NULL,
    "subscription_id" UUID NOT NULL,
    "kind" "toss_order_kind" NOT NULL,
    "plan" "plan" NOT NULL,
    "amount_krw" INTEGER NOT NULL,
    "period" INTEGER NOT NULL DEFAULT 0,
    "attempt" INTEGER NOT NULL DEFAULT 0,
    "billing_method_id" UUID,
    "period_from" TIMESTAMPTZ(3),
    "period_to" TIMESTAMPTZ(3),
    "state" "toss_order_state" NOT NULL,
    "decline_code" TEXT,
    "payment_key" TEXT,
    "receipt_url" TEXT,
    "refunded_krw" INTEGER NOT NULL DEFAULT 0,
    "refunding_krw" INTEGER,
    "refund_attempts" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "paid_at" TIMESTAMPTZ(3),
    "settled_at" TIMESTAMPTZ(3),

    CONSTRAINT "toss_orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "store_events" (
    "id" UUID NOT NULL,
    "store" "store" NOT NULL,
    "event_key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "environment" "store_environment" NOT NULL,
    "body_sealed" BYTEA NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "processed_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "last_error" TEXT,

    CONSTRAINT "store_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "subscriptions_user_id_access_until_idx" ON "subscriptions"("user_id", "access_until");

-- CreateIndex
CREATE INDEX "subscriptions_changes_at_idx" ON "subscriptions"("changes_at");

-- CreateIndex
CREATE UNIQUE INDEX "subscriptions_store_store_key_key" ON "subscriptions"("store", "store_key");

-- CreateIndex
CREATE INDEX "subscription_changes_subscription_id_at_idx" ON "subscription_changes"("subscription_id", "at");

-- CreateIndex
CREATE INDEX "ledger_entries_subscription_id_period_id_idx" ON "ledger_entries"("subscription_id", "period_id");

-- CreateIndex
CREATE INDEX "ledger_entries_subscription_id_at_id_idx" ON "ledger_entries"("subscription_id", "at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "charge_consents_subscription_id_at_idx" ON "charge_consents"("subscription_id", "at");

-- CreateIndex
CREATE UNIQUE INDEX "billing_methods_billing_key_hash_key" ON "billing_methods"("billing_key_hash");

-- CreateIndex
CREATE INDEX "billing_methods_user_id_idx" ON "billing_methods"("user_id");

-- CreateIndex
CREATE INDEX "toss_contracts_next_attempt_at_idx" ON "toss_contracts"("next_attempt_at");

-- CreateIndex
CREATE INDEX "toss_contracts_billing_method_id_idx" ON "toss_contracts"("billing_method_id");

-- CreateIndex
CREATE UNIQUE INDEX "toss_orders_order_id_key" ON "toss_orders"("order_id");

-- CreateIndex
CREATE UNIQUE INDEX "toss_orders_payment_key_key" ON "toss_orders"("payment_key");

-- CreateIndex
CREATE INDEX "toss_orders_state_created_at_idx" ON "toss_orders"("state", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "toss_orders_subscription_id_kind_period_attempt_key" ON "toss_orders"("subscription_id", "kind", "period", "attempt");

-- CreateIndex
CREATE UNIQUE INDEX "toss_orders_paid_once" ON "toss_orders"("subscription_id", "period") WHERE (paid_at IS NOT NULL AND kind = 'renewal');

-- CreateIndex
CREATE INDEX "store_events_received_at_id_idx" ON "store_events"("received_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "store_events_unprocessed" ON "store_events"("received_at") WHERE (processed_at IS NULL);

-- CreateIndex
CREATE UNIQUE INDEX "store_events_store_event_key_key" ON "store_events"("store", "event_key");

-- CreateIndex
CREATE UNIQUE INDEX "users_billing_id_key" ON "users"("billing_id");

-- AddForeignKey
ALTER TABLE "subscriptions" ADD CONSTRAINT "subscriptions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscription_facts" ADD CONSTRAINT "subscription_facts_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "subscription_changes" ADD CONSTRAINT "subscription_changes_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entries" ADD CONSTRAINT "ledger_entries_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "charge_consents" ADD CONSTRAINT "charge_consents_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "billing_methods" ADD CONSTRAINT "billing_methods_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "toss_contracts" ADD CONSTRAINT "toss_contracts_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "toss_contracts" ADD CONSTRAINT "toss_contracts_billing_method_id_fkey" FOREIGN KEY ("billing_method_id") REFERENCES "billing_methods"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "toss_orders" ADD CONSTRAINT "toss_orders_subscription_id_fkey" FOREIGN KEY ("subscription_id") REFERENCES "subscriptions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "toss_orders" ADD CONSTRAINT "toss_orders_billing_method_id_fkey" FOREIGN KEY ("billing_method_id") REFERENCES "billing_methods"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The ledger and the history of subscriptions only grow.
CREATE FUNCTION money_history_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'What was written about money is not changed';
END
$$;
CREATE TRIGGER ledger_entries_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON "ledger_entries"
  FOR EACH STATEMENT EXECUTE FUNCTION money_history_stands();
CREATE TRIGGER subscription_changes_stand BEFORE UPDATE OR DELETE OR TRUNCATE ON "subscription_changes"
  FOR EACH STATEMENT EXECUTE FUNCTION money_history_stands();

-- Orders what Google says by when it was asked: a later reading has a higher number, whatever the clocks say.
CREATE SEQUENCE store_reading;
