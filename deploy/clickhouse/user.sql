-- The user that Arpent is, on each server, by an administrator: clickhouse-client --param_password=... --queries-file user.sql
-- The database is made by Arpent, which needs to see the servers of the cluster, and what is left of tables after an erasure.
CREATE USER IF NOT EXISTS arpent IDENTIFIED WITH sha256_password BY {password:String};
GRANT CREATE DATABASE, CREATE TABLE, SELECT, INSERT, ALTER ON north.* TO arpent; -- one database for each workspace
GRANT REMOTE ON *.* TO arpent; -- Distributed tables
GRANT SELECT ON system.clusters TO arpent;
GRANT SELECT ON system.tables TO arpent;
GRANT SELECT ON system.parts TO arpent;
GRANT SELECT ON system.detached_parts TO arpent;
