// SPDX-License-Identifier: MPL-2.0
// db_url: what a database URL says.
//
// Pure but for the option file that a URL may name. Owner: whoever parsed it; the strings live as
// long as the struct, whose members are for the files of db alone.
// Thread: any, after parsing.
#pragma once

#include "common/db/url/db_url_answer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// `mysql://user:password@host:port/database?unix_socket=…&ssl_ca=…`; also mysql+pymysql and its
// like, mariadb; percent-escapes in every part; IPv6 hosts in brackets. Without a user: the
// process's own. Without a host: localhost, which means TCP like any other host (not a socket that
// the client library looks for by itself); a socket is named by unix_socket. Without a port: 3306.
// Query parameters:
//   unix_socket
//   connect_timeout, read_timeout, write_timeout   whole seconds; go before struct db_limits
//   ssl=true|false, ssl_mode=DISABLED|REQUIRED|VERIFY_CA|VERIFY_IDENTITY, ssl_disabled
//   ssl_ca, ssl_capath, ssl_cert, ssl_key, ssl_cipher
//   ssl_verify_cert, ssl_check_hostname            (also ssl_verify, ssl_verify_identity)
//   read_default_file, read_default_group          an option file, of which the ssl options are
//                                                  read, at once
//   autocommit, binary_prefix, bind_address, charset, compress, local_infile, max_allowed_packet,
//   plugin, program_name, sql_mode, use_unicode    taken and ignored when their value is a plain
//                                                  word
// Every other parameter is refused, and so is one that is there twice. Any of the ssl parameters
// asks for TLS: no TLS, no connection. Certificate and host name are then verified (against the
// system's authorities without ssl_ca) unless ssl_mode=VERIFY_CA, ssl_check_hostname=false or
// ssl_verify_cert=false says otherwise; ssl_mode=REQUIRED alone does not. Returns 0, -EINVAL with
// what is wrong in `error` (never the password), -ENOMEM.
int db_url_parse(struct db_url **out, const char *text, char *error, size_t error_bytes);
// Is the text of a URL cut where its writer meant it, so that something can be added to it? 0;
// -EINVAL with words in `error`.
int db_url_check(const char *text, char *error, size_t error_bytes);
void db_url_free(struct db_url *url); // NULL is fine; wipes the password
// For messages; the socket's path where one is given.
const char *db_url_host(const struct db_url *url);
// Words about a connection that goes in clear to another machine, though nobody asked for that;
// NULL: none.
const char *db_url_caution(const struct db_url *url);
const char *db_url_database(const struct db_url *url); // for messages
