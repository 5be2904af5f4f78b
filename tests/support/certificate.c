// SPDX-License-Identifier: MPL-2.0
// certificate.c: certificates for a test.
#include "support/certificate.h"

#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "support/test.h"

struct signer {
	X509 *cert; // NULL: signs itself
	EVP_PKEY *key;
};

static EVP_PKEY *make_key(void) {
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_EC, NULL);
	EVP_PKEY *key = NULL;

	assert_non_null(ctx);
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_true(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1) > 0);
	assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void add_extension(X509 *cert, int nid, const char *value) {
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(extension);
	assert_int_equal(X509_add_ext(cert, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static X509 *make_cert(const char *name, EVP_PKEY *key, const struct signer *signer) {
	X509 *cert = X509_new();
	uint32_t serial = 0;

	assert_non_null(cert);
	assert_int_equal(RAND_bytes((unsigned char *)&serial, sizeof(serial)), 1);
	assert_int_equal(X509_set_version(cert, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), (long)(serial >> 2) + 1), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), -60);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	assert_int_equal(
		X509_NAME_add_entry_by_txt(
			X509_get_subject_name(cert),
			"CN",
			MBSTRING_ASC,
			(const unsigned char *)name,
			-1,
			-1,
			0
		),
		1
	);
	X509_set_issuer_name(cert, X509_get_subject_name(signer->cert ? signer->cert : cert));
	if (signer->cert)
		add_extension(cert, NID_subject_alt_name, "IP:127.0.0.1");
	else
		add_extension(cert, NID_basic_constraints, "critical,CA:TRUE");
	assert_true(X509_sign(cert, signer->key, EVP_sha256()) > 0);
	return cert;
}

static FILE *create_file(const char *dir, const char *name, const char *suffix) {
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s.%s", dir, name, suffix);
	file = fopen(path, "we");
	assert_non_null(file);
	return file;
}

static void write_pair(const char *dir, const char *name, X509 *cert, EVP_PKEY *key) {
	FILE *file = create_file(dir, name, "pem");

	assert_int_equal(PEM_write_X509(file, cert), 1);
	assert_int_equal(fclose(file), 0);
	if (!key)
		return;
	file = create_file(dir, name, "key");
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(file), 0);
}

static void write_authority(const char *dir, const char *name, struct signer *signer) {
	signer->cert = NULL;
	signer->key = make_key();
	signer->cert = make_cert(name, signer->key, signer);
	write_pair(dir, name, signer->cert, NULL);
}

static void write_signed(const char *dir, const char *name, const struct signer *signer) {
	EVP_PKEY *key = make_key();
	X509 *cert = make_cert(name, key, signer);

	write_pair(dir, name, cert, key);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void free_signer(struct signer *signer) {
	X509_free(signer->cert);
	EVP_PKEY_free(signer->key);
}

void certificate_write_all(const char *dir) {
	struct signer ca, other;

	write_authority(dir, "ca", &ca);
	write_authority(dir, "other", &other);
	write_signed(dir, "server", &ca);
	write_signed(dir, "client", &ca);
	free_signer(&ca);
	free_signer(&other);
}

void certificate_remove_all(const char *dir) {
	static const char *const names[] = {
		"ca.pem",
		"other.pem",
		"server.pem",
		"server.key",
		"client.pem",
		"client.key",
	};
	char path[512];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}
