-- Tenantkit on H2 2.x: organizations of token issuers. Every statement may be repeated after a crash; the row in schema_history comes last.

CREATE TABLE IF NOT EXISTS tenantkit.external_organizations (
  organization_id varchar(255) NOT NULL REFERENCES tenantkit.organizations (id),
  id varchar(64) NOT NULL,
  issuer varchar(127) NOT NULL,
  external_id varchar(128) NOT NULL,
  created_by varchar(255) NOT NULL,
  created_at timestamp(6) with time zone NOT NULL,
  PRIMARY KEY (organization_id, id),
  UNIQUE (issuer, external_id)
);

INSERT INTO tenantkit.schema_history (version, file, oldest_reader)
SELECT 6, 'V006__external_organizations.sql', 6 WHERE NOT EXISTS (SELECT 1 FROM tenantkit.schema_history WHERE version = 6);
