-- SPDX-License-Identifier: MPL-2.0
-- tokenserver_schema.sql: the tables of Tokenserver, as far as a purge sees them. Times are in ms.
CREATE TABLE services (
	id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	service VARCHAR(30) NOT NULL,
	pattern VARCHAR(128),
	UNIQUE KEY service_idx (service)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE nodes (
	id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	service INT NOT NULL,
	node VARCHAR(64) NOT NULL,
	available INT NOT NULL,
	current_load INT NOT NULL,
	capacity INT NOT NULL,
	downed INT NOT NULL,
	backoff INT NOT NULL,
	UNIQUE KEY service_node_idx (service, node)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

CREATE TABLE users (
	uid BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
	service INT NOT NULL,
	email VARCHAR(255) NOT NULL,
	generation BIGINT NOT NULL,
	client_state VARCHAR(32) NOT NULL,
	created_at BIGINT NOT NULL,
	replaced_at BIGINT,
	nodeid BIGINT NOT NULL,
	keys_changed_at BIGINT,
	KEY lookup_idx (email, service, created_at),
	KEY replaced_at_idx (service, replaced_at),
	KEY node_idx (nodeid)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8;

INSERT INTO services (service, pattern) VALUES ('sync-1.5', '{node}/1.5/{uid}');
