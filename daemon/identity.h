/*
 * What runs, and where: the members of the start record that the ledger's writer does not know.
 * Reads the machine, the libraries and the program itself; knows no lane and no queue.
 *
 * A member that cannot be had is null, never left out. machine_id_hash is HMAC-SHA-256 with the
 * machine id (/etc/machine-id, its 32 hex digits as 16 bytes) as the key, over the text
 * IDENTITY_MACHINE_LABEL without a NUL: as sd_id128_get_machine_app_specific(3) it names the
 * machine in all our records and in nobody else's, and does not give the id away. All 32 bytes are
 * written.
 */
#ifndef DAEMON_IDENTITY_H
#define DAEMON_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/digest.h"

#define IDENTITY_MACHINE_LABEL "noticed machine 1"
#define IDENTITY_BYTES_MAX     4096u
#define IDENTITY_BOOT_ID_BYTES 36u

/* Writes ,"host":…,"lanes":N in the order of the README's table. Returns the length. body has
   IDENTITY_BYTES_MAX bytes. */
size_t identity_encode(const uint8_t config_sha256[DIGEST_BYTES], unsigned lanes, char *body);

/* machine_id_hash of the content of /etc/machine-id. false when it is none. */
bool identity_machine_hash(const char *text, size_t len, uint8_t ret_digest[DIGEST_BYTES]);

/* A boot id in the kernel's spelling, from that or from 32 hex digits as systemd's %b gives it.
   false when text is neither. */
bool identity_boot_id(const char *text, size_t len, char ret_id[IDENTITY_BOOT_ID_BYTES + 1]);

#endif
