// SPDX-License-Identifier: MPL-2.0
// certificate.h: certificates for a test, good for an hour.
#pragma once

// Writes into `dir`, which is there: ca.pem; server.pem and server.key, signed by it and made out
// to 127.0.0.1; client.pem and client.key, signed by it; other.pem, an authority that signed
// nothing. Whatever fails fails the running test.
void certificate_write_all(const char *dir);

// Removes these files and `dir`.
void certificate_remove_all(const char *dir);
