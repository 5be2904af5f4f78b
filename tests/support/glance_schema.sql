-- SPDX-License-Identifier: MPL-2.0
-- glance_schema.sql: the tables of OpenStack Glance that a purge sees, after its public data model.
CREATE TABLE images (
	id VARCHAR(36) NOT NULL PRIMARY KEY,
	name VARCHAR(255),
	size BIGINT,
	status VARCHAR(30) NOT NULL,
	disk_format VARCHAR(20),
	container_format VARCHAR(20),
	checksum VARCHAR(32),
	owner VARCHAR(255),
	min_disk INT NOT NULL DEFAULT 0,
	min_ram INT NOT NULL DEFAULT 0,
	protected BOOL NOT NULL DEFAULT 0,
	virtual_size BIGINT,
	visibility ENUM('private', 'public', 'shared', 'community') NOT NULL DEFAULT 'shared',
	os_hidden BOOL NOT NULL DEFAULT 0,
	os_hash_algo VARCHAR(64),
	os_hash_value VARCHAR(128),
	created_at DATETIME NOT NULL,
	updated_at DATETIME,
	deleted_at DATETIME,
	deleted BOOL NOT NULL,
	KEY ix_images_deleted (deleted),
	KEY checksum_image_idx (checksum),
	KEY owner_image_idx (owner),
	KEY created_at_image_idx (created_at),
	KEY updated_at_image_idx (updated_at)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE image_properties (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	image_id VARCHAR(36) NOT NULL,
	name VARCHAR(255) NOT NULL,
	value TEXT,
	created_at DATETIME NOT NULL,
	updated_at DATETIME,
	deleted_at DATETIME,
	deleted BOOL NOT NULL,
	UNIQUE KEY ix_image_properties_image_id_name (image_id, name),
	KEY ix_image_properties_deleted (deleted),
	CONSTRAINT image_properties_ibfk_1 FOREIGN KEY (image_id) REFERENCES images (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE image_tags (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	image_id VARCHAR(36) NOT NULL,
	value VARCHAR(255) NOT NULL,
	created_at DATETIME NOT NULL,
	updated_at DATETIME,
	deleted_at DATETIME,
	deleted BOOL NOT NULL,
	KEY ix_image_tags_image_id (image_id),
	CONSTRAINT image_tags_ibfk_1 FOREIGN KEY (image_id) REFERENCES images (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE image_locations (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	image_id VARCHAR(36) NOT NULL,
	value TEXT NOT NULL,
	meta_data TEXT,
	status VARCHAR(30) NOT NULL DEFAULT 'active',
	created_at DATETIME NOT NULL,
	updated_at DATETIME,
	deleted_at DATETIME,
	deleted BOOL NOT NULL,
	KEY ix_image_locations_image_id (image_id),
	KEY ix_image_locations_deleted (deleted),
	CONSTRAINT image_locations_ibfk_1 FOREIGN KEY (image_id) REFERENCES images (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE image_members (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	image_id VARCHAR(36) NOT NULL,
	member VARCHAR(255) NOT NULL,
	can_share BOOL NOT NULL DEFAULT 0,
	status VARCHAR(20) NOT NULL DEFAULT 'pending',
	created_at DATETIME NOT NULL,
	updated_at DATETIME,
	deleted_at DATETIME,
	deleted BOOL NOT NULL,
	UNIQUE KEY image_members_image_id_member_deleted_at_key (image_id, member, deleted_at),
	KEY ix_image_members_deleted (deleted),
	CONSTRAINT image_members_ibfk_1 FOREIGN KEY (image_id) REFERENCES images (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE tasks (
	id VARCHAR(36) NOT NULL PRIMARY KEY,
	type VARCHAR(30) NOT NULL,
	status VARCHAR(30) NOT NULL,
	owner VARCHAR(255) NOT NULL,
	expires_at DATETIME,
	created_at DATETIME NOT NULL,
	updated_at DATETIME,
	deleted_at DATETIME,
	deleted BOOL NOT NULL,
	KEY ix_tasks_deleted (deleted),
	KEY ix_tasks_status (status)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE task_info (
	task_id VARCHAR(36) NOT NULL PRIMARY KEY,
	input TEXT,
	result TEXT,
	message TEXT,
	CONSTRAINT task_info_ibfk_1 FOREIGN KEY (task_id) REFERENCES tasks (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;
