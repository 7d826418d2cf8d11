-- Run once by the image, as superuser, in a new cluster. The same as bin/launcher/cluster.sql has,
-- with passwords: andon_owner owns the database and migrates, andon is the application's.
\getenv owner_password DATABASE_OWNER_PASSWORD
\getenv password DATABASE_PASSWORD
CREATE ROLE andon_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner_password';
CREATE ROLE andon LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE andon OWNER andon_owner;

\connect andon
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
CREATE EXTENSION unaccent;
ALTER DEFAULT PRIVILEGES FOR ROLE andon_owner IN SCHEMA public
GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON TABLES TO andon;
ALTER DEFAULT PRIVILEGES FOR ROLE andon_owner IN SCHEMA public
GRANT USAGE, SELECT ON SEQUENCES TO andon;
