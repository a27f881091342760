-- Tenantkit on PostgreSQL: what keys and organizations carry. Run as V001 is.

INSERT INTO tenantkit.schema_history (version, file, oldest_reader) VALUES (2, 'V002__keys_and_organizations.sql', 2);
