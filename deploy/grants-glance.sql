-- SPDX-License-Identifier: MPL-2.0
-- The least rights that `purge_glance` and `purgefleet run softdelete --preset glance` (and glance-images) need.
-- Put in the database's name, the host and a password.
CREATE USER IF NOT EXISTS 'purgefleet'@'%' IDENTIFIED BY 'change me';

-- REFERENCES on the whole database lets it see the foreign keys of all tables, also of those that it does not purge.
GRANT SELECT, REFERENCES ON glance.* TO 'purgefleet'@'%';
GRANT DELETE ON glance.image_properties TO 'purgefleet'@'%';
GRANT DELETE ON glance.image_tags TO 'purgefleet'@'%';
GRANT DELETE ON glance.image_locations TO 'purgefleet'@'%';
GRANT DELETE ON glance.image_members TO 'purgefleet'@'%';
GRANT DELETE ON glance.tasks TO 'purgefleet'@'%';
GRANT DELETE ON glance.task_info TO 'purgefleet'@'%';

-- Only for `purge_images_table`.
GRANT DELETE ON glance.images TO 'purgefleet'@'%';
