-- Run once by the image, as superuser, in a new cluster: a database and a role that is no superuser.
-- The same extensions as bin/launcher/cluster.sql has.
\getenv password DATABASE_PASSWORD
CREATE ROLE andon LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE andon OWNER andon;

\connect andon
CREATE EXTENSION pg_stat_statements;
CREATE EXTENSION pg_trgm;
CREATE EXTENSION btree_gist;
CREATE EXTENSION unaccent;
