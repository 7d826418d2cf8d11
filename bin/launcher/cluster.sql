-- What Andon needs in its embedded PostgreSQL; run at every start, so it only adds what is missing.
-- template1 first: databases made from it, the tests' among them, have the extensions from birth.
SET client_min_messages = warning;

SELECT 'CREATE ROLE andon LOGIN NOSUPERUSER CREATEDB'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'andon') \gexec

\connect template1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;

\connect postgres
SELECT 'CREATE DATABASE andon OWNER andon'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'andon') \gexec

\connect andon
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;
