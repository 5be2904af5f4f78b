-- SPDX-License-Identifier: MPL-2.0
-- The least rights that `purgefleet run tokenserver` needs. Put in the database's name, the host and a password.
CREATE USER IF NOT EXISTS 'purgefleet'@'%' IDENTIFIED BY 'change me';

-- Finding candidates and looking at them again.
GRANT SELECT ON tokenserver.services TO 'purgefleet'@'%';
GRANT SELECT ON tokenserver.nodes TO 'purgefleet'@'%';
GRANT SELECT ON tokenserver.users TO 'purgefleet'@'%';

-- Removing records.
GRANT DELETE ON tokenserver.users TO 'purgefleet'@'%';

-- Moving the counters of nodes. Not needed with SYNC_TOKENSERVER__SPANNER_NODE_ID.
GRANT UPDATE (available, current_load) ON tokenserver.nodes TO 'purgefleet'@'%';

-- Only for --on-failure defer and for the name purge_old_records.
-- GRANT UPDATE (replaced_at) ON tokenserver.users TO 'purgefleet'@'%';

-- `purgefleet produce tokenserver` only reads:
-- CREATE USER IF NOT EXISTS 'purgefleet-produce'@'%' IDENTIFIED BY 'change me';
-- GRANT SELECT ON tokenserver.* TO 'purgefleet-produce'@'%';
