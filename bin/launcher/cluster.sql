-- What Andon needs in its embedded PostgreSQL; run at every start, so it only adds what is missing.
-- Two roles: andon_owner owns the database and migrates, andon is the application's and owns nothing.
SET client_min_messages = warning;

SELECT 'CREATE ROLE andon_owner LOGIN NOSUPERUSER NOCREATEROLE CREATEDB'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'andon_owner') \gexec
SELECT 'CREATE ROLE andon LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB'
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'andon') \gexec

-- A cluster from before had one role, which owned all there is.
SELECT 'ALTER ROLE andon NOCREATEDB'
WHERE EXISTS (SELECT FROM pg_roles WHERE rolname = 'andon' AND rolcreatedb) \gexec
SELECT format('ALTER DATABASE %I OWNER TO andon_owner', datname)
FROM pg_database WHERE datdba = 'andon'::regrole \gexec

-- template1 first: databases made from it, the tests' among them, have all this from birth.
\connect template1
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;
ALTER DEFAULT PRIVILEGES FOR ROLE andon_owner IN SCHEMA public
GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON TABLES TO andon;
ALTER DEFAULT PRIVILEGES FOR ROLE andon_owner IN SCHEMA public
GRANT USAGE, SELECT ON SEQUENCES TO andon;

\connect postgres
SELECT 'CREATE DATABASE andon OWNER andon_owner'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'andon') \gexec

\connect andon
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS unaccent;
ALTER DEFAULT PRIVILEGES FOR ROLE andon_owner IN SCHEMA public
GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON TABLES TO andon;
ALTER DEFAULT PRIVILEGES FOR ROLE andon_owner IN SCHEMA public
GRANT USAGE, SELECT ON SEQUENCES TO andon;

-- Again a cluster from before: its tables keep their rows and change hands. Only then are there
-- grants on all of them; at every start they would undo what a migration took away.
SELECT EXISTS (
    SELECT FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relowner = 'andon'::regrole
) AS is_from_before \gset
\if :is_from_before
BEGIN;
REASSIGN OWNED BY andon TO andon_owner;
GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON ALL TABLES IN SCHEMA public TO andon;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO andon;
COMMIT;
\endif
