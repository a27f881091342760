-- Tenantkit on H2 2.x: what keys and organizations carry. Every statement may be repeated after a crash; the row in
-- schema_history comes last.

ALTER TABLE tenantkit.organizations ADD COLUMN IF NOT EXISTS plan varchar(64) DEFAULT 'free' NOT NULL;
ALTER TABLE tenantkit.organizations ADD COLUMN IF NOT EXISTS metadata varchar DEFAULT '{}' NOT NULL;
ALTER TABLE tenantkit.organizations ADD COLUMN IF NOT EXISTS rate_limit varchar;
ALTER TABLE tenantkit.organizations ADD COLUMN IF NOT EXISTS key_policy varchar DEFAULT '{}' NOT NULL;
ALTER TABLE tenantkit.organizations ADD CONSTRAINT IF NOT EXISTS organizations_plan_form CHECK (REGEXP_LIKE(plan, '^[a-z0-9_-]+\z'));
ALTER TABLE tenantkit.organizations ADD CONSTRAINT IF NOT EXISTS organizations_metadata_form CHECK (metadata IS JSON OBJECT);
ALTER TABLE tenantkit.organizations ADD CONSTRAINT IF NOT EXISTS organizations_rate_limit_form CHECK (rate_limit IS JSON);
ALTER TABLE tenantkit.organizations ADD CONSTRAINT IF NOT EXISTS organizations_key_policy_form CHECK (key_policy IS JSON OBJECT);

ALTER TABLE tenantkit.api_keys ADD COLUMN IF NOT EXISTS credits varchar;
ALTER TABLE tenantkit.api_keys ADD COLUMN IF NOT EXISTS allowed_addresses varchar;
ALTER TABLE tenantkit.api_keys ADD COLUMN IF NOT EXISTS idempotency_id varchar(255);
ALTER TABLE tenantkit.api_keys ADD COLUMN IF NOT EXISTS idempotency_request varchar(64);
ALTER TABLE tenantkit.api_keys ADD COLUMN IF NOT EXISTS first_used_at timestamp(6) with time zone;
ALTER TABLE tenantkit.api_keys ADD CONSTRAINT IF NOT EXISTS api_keys_credits_form CHECK (credits IS JSON);
ALTER TABLE tenantkit.api_keys ADD CONSTRAINT IF NOT EXISTS api_keys_addresses_form CHECK (allowed_addresses IS JSON ARRAY);
ALTER TABLE tenantkit.api_keys ADD CONSTRAINT IF NOT EXISTS api_keys_idempotency_pair
  CHECK ((idempotency_id IS NULL) = (idempotency_request IS NULL));
ALTER TABLE tenantkit.api_keys ADD CONSTRAINT IF NOT EXISTS api_keys_idempotency UNIQUE (organization_id, idempotency_id);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 2, 'V002__keys_and_organizations.sql', 2 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 2);
