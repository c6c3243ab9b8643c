/*
 * Keys of signed notes in files, as the command line names them. Prints what is wrong.
 */
#ifndef DAEMON_CTL_KEY_FILE_H
#define DAEMON_CTL_KEY_FILE_H

#include "daemon/ledger/note_key.h"

/* A public key: `word` is the key itself, or the file that holds it. CTL_OK; CTL_USAGE after
   printing why, which begins with the command's name. */
int key_file_public(const char *command, const char *word, struct note_key *ret_key);

/* A private key, from a file that only its owner may read. The signer is the caller's. CTL_OK or
   CTL_USAGE, as above. */
int key_file_secret(const char *command, const char *path, struct note_signer **ret_signer);

/* Makes a key of random bytes and writes it to a new file (0600), durably. CTL_OK or CTL_USAGE, as
   above; an existing file is never touched. */
int key_file_make(const char *command, const char *path, const char *name, uint8_t type,
                  struct note_key *ret_key);

/* Writes the public key to a new file (0644), durably. CTL_OK or CTL_USAGE, as above; an existing
   file is never touched. */
int key_file_put_public(const char *command, const char *path, const struct note_key *key);

#endif
