/*
 * A question to a ledger: what findings, timeline, strikes, notices and reporters share. Its
 * options, reading what it is about into a set of events, and the account at its end of what the
 * answer rests on and what is missing.
 */
#ifndef DAEMON_CTL_ASKING_H
#define DAEMON_CTL_ASKING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/ctl/term.h"
#include "daemon/evidence.h"
#include "daemon/knowledge/knowledge.h"

/* What every answer ends with (domain, 7.4). */
#define ASKING_STATEMENT                                                                           \
    "Findings state what the records show. They are not a finding of infringement, knowledge in "  \
    "law, or contempt."

/* Texts are as in struct knowledge_filter: at == NULL asks for all. */
struct asking {
    const char *command; /* for messages */
    const char *ledger;
    struct knowledge_filter filter;
    struct knowledge_text listing, order;
    struct evidence_limits limits;
    bool text; /* for people; else JSON */
    bool all_pairs, open_only;
    enum term_colour_choice colour;

    struct term term;
    struct knowledge *knowledge; /* built by asking_read */
    struct evidence *evidence;
    uint64_t end;     /* seq after the last record that was considered */
    int64_t until_ns; /* the latest time that the answer is about */
};

/* The option of this name, for the table of a command:

   - platform, merchant, listing, order, act: their text; as-of, seq-max, output, color: parsed;
   - all-pairs, open: flags.

   0; -EINVAL after an error was printed; -ENOENT: there is none of this name. */
int asking_option(struct asking *asking, const char *name, const char *value);

struct ctl_command;

/* Takes the options of a command and its one operand, the ledger. CTL_OPTION_END: go on; else
   CTL_OPTION_HELP (help was printed) or CTL_OPTION_WRONG (an error was). */
int asking_arguments(struct asking *asking, const struct ctl_command *command, int argc,
                     char **argv);

/* Makes the set of events, empty, for one that does not come from a ledger. CTL_OK, or CTL_USAGE
   after an error. */
int asking_open(struct asking *asking);

/* Opens the question and reads its ledger into a built set; each event that is in it goes to
   `also`, too, which may be NULL. CTL_OK, or CTL_USAGE after an error. */
int asking_read(struct asking *asking, evidence_take *also, void *context);

/* Hands over the events of these records (ascending seqs) once more, whatever was left out of the
   set, and of a warning its whole line. item.event is NULL. CTL_OK, or CTL_USAGE after an error. */
int asking_again(struct asking *asking, const uint64_t *seqs, size_t count, evidence_take *take,
                 void *context);

/* The time that "now" is in an answer: --as-of, or when the last record considered was written. */
int64_t asking_now(const struct asking *asking);

/* What the answer rests on, what was left out, and what is missing; then the statement. As text, or
   as one line of JSON. */
void asking_tell(struct asking *asking);

/* Of that account as text, on asking->term: its first sentence, with a newline; and then each thing
   that is missing, as points of a list. */
void asking_basis(const struct asking *asking);
void asking_lacks(struct asking *asking);

#define ASKING_CHECKPOINT_BYTES_MAX 65536u /* with the signatures of witnesses */

/* How far the ledger says that it is signed. */
struct asking_signing {
    bool there;
    uint64_t size;
    char root[64]; /* base64, as the checkpoint has it */
};

/* Reads the checkpoint's text. Whether it is rightly signed is for verify to say. */
struct asking_signing asking_read_signing(const char *ledger);

/* The checkpoint's bytes, as they are. Returns how many; 0: there is none that can be read. */
size_t asking_checkpoint(const char *ledger, char ret_bytes[ASKING_CHECKPOINT_BYTES_MAX]);

/* What is to be said behind "no record names it": " (...)", "" when nothing is. */
const char *asking_hint(const struct asking *asking);

/* Whether records could not be read: CTL_OK, or CTL_REJECTED. */
int asking_exit(const struct asking *asking);

/* Frees all. */
void asking_close(struct asking *asking);

#endif
