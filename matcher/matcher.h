/*
 * Text in, hits out: which marks a listing's text holds, where, and how they were written.
 * The one header of matcher/ that others need. Knows Hyperscan; knows no file, socket, clock or
 * log.
 *
 * Life of a set:   matcher_lists_open -> _add_marks / _add_cues -> _add_rules -> matcher_db_compile
 * -> matcher_use Life of a scan:  matcher_add for each listing -> matcher_scan -> matcher_result
 * for each -> matcher_reset
 *
 * Threads: a matcher_db is immutable and may be shared; its reference count is atomic. A struct
 * matcher and a struct matcher_lists belong to one thread.
 */
#ifndef MATCHER_MATCHER_H
#define MATCHER_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MATCHER_FIELDS_MAX     16u  /* fields of one listing */
#define MATCHER_HITS_MAX       64u  /* hits reported of one listing; more are counted, not kept */
#define MATCHER_BATCH_MAX      512u /* listings of one scan call */
#define MATCHER_TEXT_BYTES_MAX 262144u /* all fields of one listing together */
#define MATCHER_SLACK_BYTES    64u     /* bytes that must be readable after every text handed in */
#define MATCHER_MARKS_MAX      200000u
#define MATCHER_CUES_MAX       10000u
#define MATCHER_ERROR_BYTES    256u
#define MATCHER_NO_MARK        UINT32_MAX /* of a hit that a rule made of words of its own */

/* What is wrong with a list or a set. line and column count from 1; 0 means "the whole". The text
   is one sentence without the file's name, which only the caller knows. Always NUL-terminated. */
struct matcher_error {
    char text[MATCHER_ERROR_BYTES];
    unsigned line;
    unsigned column;
    unsigned source; /* of errors in rules that only show when they are compiled: in which text,
                        numbered from 1 in the order of matcher_lists_add_rules; 0 elsewhere */
};

/* Ordered by weight: the class of a listing is the greatest among its hits. */
enum matcher_class {
    MATCHER_CLASS_NONE = 0,
    MATCHER_CLASS_MENTION = 1, /* named in a lawful context, see enum matcher_context */
    MATCHER_CLASS_MARK = 2,
    MATCHER_CLASS_COUNTERFEIT = 3,
};

/* Which view had to be used to see the mark. */
enum matcher_stage {
    MATCHER_STAGE_PLAIN = 0,  /* as listed, but for case and the kind and number of spaces */
    MATCHER_STAGE_FOLDED = 1, /* only after folding */
    MATCHER_STAGE_SQUEEZED = 2,
    MATCHER_STAGE_TYPO = 3,
};

/* How a mark was written, as bits; several may hold for one hit. A bit tells what the text does and
   the listed form does not. Which of them are a disguise, and make a hit counterfeit without a cue,
   stands in one table (trace.c): what no honest seller needs to write a name. */
enum matcher_technique {
    MATCHER_TECHNIQUE_INVISIBLE = 1u << 0, /* default-ignorable code points inside the word; not
                                              soft hyphens, nor joiners in scripts that use them */
    MATCHER_TECHNIQUE_ENTITY = 1u << 1,    /* something in it written as a character reference; a
                                              disguise only of an ASCII letter or digit */
    MATCHER_TECHNIQUE_COMBINING = 1u << 2, /* marks on a letter that NFC does not compose with it */
    MATCHER_TECHNIQUE_COMPAT = 1u << 3, /* mathematical, circled, ... letters (NFKC, not width) */
    MATCHER_TECHNIQUE_WIDTH = 1u << 4,  /* full-width or half-width letters */
    MATCHER_TECHNIQUE_ACCENT = 1u << 5, /* an accent that the mark as listed has not, or lacks */
    MATCHER_TECHNIQUE_CONFUSABLE = 1u << 6, /* a letter of another script, or a letter-like sign,
                                               that looks like the mark's letter */
    MATCHER_TECHNIQUE_LEET = 1u << 7,       /* a digit or ASCII sign in the place of a letter */
    MATCHER_TECHNIQUE_SEPARATED = 1u << 8,  /* signs or spaces between the letters of a word */
    MATCHER_TECHNIQUE_REPEATED = 1u << 9,   /* a letter more often than listed */
    MATCHER_TECHNIQUE_ESCAPED = 1u << 10,   /* likewise percent-encoded or as a JSON escape; no
                                               disguise in an address on the web */
    MATCHER_TECHNIQUE_MARKUP = 1u << 11,    /* a tag or comment inside the word */
    MATCHER_TECHNIQUE_MASKED = 1u << 12,    /* letters replaced by a masking sign such as * */
    MATCHER_TECHNIQUE_JOINED = 1u << 13, /* the words of the mark written as one, or inside one */
    MATCHER_TECHNIQUE_SPLIT = 1u << 14,  /* one word of the mark written as two */
    MATCHER_TECHNIQUE_TYPO = 1u << 15,   /* one letter missing, added, exchanged or replaced */
    MATCHER_TECHNIQUE_TURNED = 1u << 16, /* written from its end, or upside down */
    MATCHER_TECHNIQUE_TAGGED = 1u << 17, /* a tag or comment between the words: no disguise */
};

/* Why naming a mark may be lawful, of the text around it. A context labels a hit and never drops
   it. In this order of weight, if several stand near. */
enum matcher_context {
    MATCHER_CONTEXT_NONE = 0,
    MATCHER_CONTEXT_COMPATIBLE = 1,  /* compatible with, fits, case for, not affiliated with */
    MATCHER_CONTEXT_SECOND_HAND = 2, /* used, pre-owned, from my collection */
    MATCHER_CONTEXT_REVIEW = 3,      /* review, article, comparison, alternative to */
    MATCHER_CONTEXT_AUTHORISED = 4,  /* authorised retailer, official distributor */
    MATCHER_CONTEXT_ADVICE = 5,      /* advice against counterfeits: how to spot a fake */
};

/* Which further written forms of the marks are looked for: one word for two, two for one, slips of
   the finger and of the ear. What each is, and which marks it is made of: variants.h. */
enum matcher_variants {
    MATCHER_VARIANTS_AUTO = 0, /* all in sets of up to 2,000 marks, otherwise only the cheap ones */
    MATCHER_VARIANTS_ON = 1,   /* all, about 50 of a mark */
    MATCHER_VARIANTS_OFF = 2,  /* marks are looked for as listed */
};

/* Whether the text was examined. Anything but OK is recorded and never reported as "no match". */
enum matcher_outcome {
    MATCHER_OUTCOME_OK = 0,
    MATCHER_OUTCOME_CUT = 1,    /* examined whole, but more than MATCHER_HITS_MAX hits, the rest
                                   counted; or more disguised words than are looked at */
    MATCHER_OUTCOME_FAILED = 2, /* the engine returned an error: not examined */
};

/* One field of a listing, in the order in which nearness is counted. */
struct matcher_field {
    const char *text; /* valid UTF-8; may hold NULs; MATCHER_SLACK_BYTES readable bytes follow; may
                         be NULL if len is 0 */
    size_t len;
};

struct matcher_span {
    uint32_t field; /* index into the fields handed to matcher_add */
    uint32_t from;  /* raw byte offset, inclusive, at a code point boundary */
    uint32_t to;    /* raw byte offset, exclusive, at a code point boundary */
};

struct matcher_hit {
    uint32_t mark; /* index for matcher_db_mark, or MATCHER_NO_MARK: then has_rule holds */
    enum matcher_class class;
    bool has_rule; /* a rule gave the class; otherwise it is a default class */
    uint32_t rule; /* index for matcher_db_rule; meaningful if has_rule */
    enum matcher_stage stage;
    unsigned techniques; /* bits of enum matcher_technique */
    struct matcher_span span;
    bool has_cue;
    uint32_t cue; /* index for matcher_db_cue; meaningful if has_cue */
    struct matcher_span cue_span;
    enum matcher_context context;
    struct matcher_span context_span; /* meaningful if context is not NONE */
};

struct matcher_result {
    enum matcher_outcome outcome;
    enum matcher_class class;
    const struct matcher_hit
        *hits;         /* by field, then from, then mark; borrowed until matcher_reset */
    size_t hits_count; /* <= MATCHER_HITS_MAX */
    size_t hits_total; /* >= hits_count; past a maximum one place may count several times, and not
                          every disguise is counted */
    bool has_ordinary; /* a mark stands there as an ordinary word only, and is no hit */
    uint32_t ordinary; /* the last such; index for matcher_db_mark */
};

/* Strings are UTF-8, not NUL-terminated, and live as long as the database. */
struct matcher_mark {
    const char *id, *text, *category;
    size_t id_len, text_len, category_len;
    bool generic;
};

struct matcher_cue {
    const char *id, *text, *lang;
    size_t id_len, text_len, lang_len;
    unsigned strength; /* 1 weak hint .. 3 says it is a copy */
};

struct matcher_rule {
    const char *id;
    size_t id_len;
    uint32_t rev;
    enum matcher_class class;
};

/* What is known of a listing beside its texts, for rules that ask. A text that is NULL and a time
   that is not there are unknown: a rule that depends on them does not hold. */
struct matcher_facts {
    const char *platform, *seller, *price, *currency; /* as written; borrowed as the fields are */
    size_t platform_len, seller_len, price_len, currency_len;
    bool has_observed;
    int64_t observed_ns; /* wall time, UTC */
};

struct matcher_lists;
struct matcher_db;
struct matcher;

/* Makes an empty pair of lists. 0 or -ENOMEM. */
int matcher_lists_open(struct matcher_lists **ret_lists);

/* Adds the marks of one TSV text with a header line naming its columns: mark_id and mark are
   required; category, generic (0|1), aliases (separated by |) and variants (1|0|nothing: on, off,
   as the lists say) are read; others are ignored.
   Lines that start with # and empty lines are skipped. Copies what it keeps. 0; -EINVAL with
   *reterr_error naming line and column (missing column, wrong number of cells, bad UTF-8, duplicate
   id, empty mark, a mark that folds to nothing, generic neither 0 nor 1, variants none of 1, 0 and
   nothing, more than MATCHER_MARKS_MAX); -ENOMEM. After an error the lists are unchanged. */
int matcher_lists_add_marks(struct matcher_lists *lists, const char *tsv, size_t len,
                            struct matcher_error *reterr_error);

/* The same for cues: columns cue_id, phrase, strength (1..3) required, lang read. */
int matcher_lists_add_cues(struct matcher_lists *lists, const char *tsv, size_t len,
                           struct matcher_error *reterr_error);

/* Which variants marks have whose own column says nothing; MATCHER_VARIANTS_AUTO at first. */
void matcher_lists_set_variants(struct matcher_lists *lists, enum matcher_variants variants);

/* Whether disguised writing is looked for (squeeze.h); it is at first. */
void matcher_lists_set_squeeze(struct matcher_lists *lists, bool on);

/* Adds the rules of one YAML text (rules.example.yaml describes them), after the marks that they
   name. Copies what it keeps. 0; -EINVAL with *reterr_error naming line and column of the first
   thing that is wrong; -ENOMEM. After an error the lists are unchanged. */
int matcher_lists_add_rules(struct matcher_lists *lists, const char *yaml, size_t len,
                            struct matcher_error *reterr_error);

#define MATCHER_COST_TOP 10u /* marks named in a cost */

/* What a set costs: how many literals the engine looks for, and where they come from. A literal of
   several marks counts for each of them. */
struct matcher_cost {
    size_t literals;  /* different ones, without padding */
    size_t listed;    /* of marks and aliases, particles included */
    size_t inflected; /* singular, plural, other spelling */
    size_t joined, split, typo;
    size_t disguised; /* look-alike letters, letters and pieces set apart, read from the end */
    size_t top_count;
    struct {
        uint32_t mark; /* index in the order of the lists */
        size_t literals;
    } top[MATCHER_COST_TOP]; /* the marks with the most literals; of equals the first listed */
};

/* Says what the lists would cost without compiling them. 0 or -ENOMEM. */
int matcher_lists_cost(const struct matcher_lists *lists, struct matcher_cost *ret_cost);

/* A mark of the lists, as matcher_db_mark gives it; borrowed until the lists change. */
struct matcher_mark matcher_lists_mark(const struct matcher_lists *lists, uint32_t index);

/* Frees the lists; NULL and half-built are fine. Returns NULL. */
struct matcher_lists *matcher_lists_close(struct matcher_lists *lists);

/* Compiles the lists, which are copied as far as needed and may be closed afterwards. Takes up to
   seconds: not for a lane. Runs the examples of all rules. 0; -EINVAL with *reterr_error (neither
   marks nor rules, the engine refused them or an expression of a rule, a rule that does not do what
   its examples say); -ENOMEM. The caller owns one reference. */
int matcher_db_compile(const struct matcher_lists *lists, struct matcher_db **ret_db,
                       struct matcher_error *reterr_error);

/* The compiled engine part as bytes (malloc'ed, the caller frees), to be handed to
   matcher_db_adopt with the same lists in another process of the same build. 0 or -ENOMEM. */
int matcher_db_serialize(const struct matcher_db *db, void **ret_bytes, size_t *ret_len);

/* As matcher_db_compile, but takes the compiled part from matcher_db_serialize instead of
   compiling. The bytes must come from our own compiler process: they are not a trust boundary.
   -EINVAL if they are not whole, of another engine version or platform, or of other lists. */
int matcher_db_adopt(const struct matcher_lists *lists, const void *bytes, size_t len,
                     struct matcher_db **ret_db, struct matcher_error *reterr_error);

/* One more reference; returns db. Any thread. */
struct matcher_db *matcher_db_ref(struct matcher_db *db);

/* One reference less; the last frees. NULL is fine. Returns NULL. Any thread. */
struct matcher_db *matcher_db_unref(struct matcher_db *db);

/* Sizes of a set. */
size_t matcher_db_marks_count(const struct matcher_db *db);
size_t matcher_db_cues_count(const struct matcher_db *db);
size_t matcher_db_rules_count(const struct matcher_db *db);
size_t matcher_db_literals_count(const struct matcher_db *db); /* as compiled, padding included */
size_t matcher_db_bytes(const struct matcher_db *db);          /* size of the compiled part */

/* The mark or cue of a hit; index must be below the count. */
struct matcher_mark matcher_db_mark(const struct matcher_db *db, uint32_t index);
struct matcher_cue matcher_db_cue(const struct matcher_db *db, uint32_t index);

/* The rule of a hit; likewise. */
struct matcher_rule matcher_db_rule(const struct matcher_db *db, uint32_t index);

/* Name and version of the engine in use ("hyperscan 5.4.0 2021-01-26", "vectorscan 5.4.9") and of
   the fold ("fold:3"), for records; static strings. Any thread. */
const char *matcher_engine_version(void);
const char *matcher_fold_version(void);

/* Makes a scanner with room for MATCHER_BATCH_MAX listings and MATCHER_TEXT_BYTES_MAX folded text
   per listing. Everything it will ever need but scratch is allocated here. 0 or -ENOMEM. */
int matcher_open(struct matcher **ret_matcher);

/* Scans with db from now on; takes a reference of its own and drops that of the set before. Only
   when no listing is pending. Grows the scratch. 0 or -ENOMEM (the set before stays in use). */
int matcher_use(struct matcher *matcher, struct matcher_db *db);

/* Folds one listing into the batch. The texts are borrowed until matcher_reset. 0; -EAGAIN when the
   batch is full (scan, take the results, reset, add again); -EMSGSIZE when the fields together
   exceed MATCHER_TEXT_BYTES_MAX. *ret_index numbers the listings of a batch from 0. */
int matcher_add(struct matcher *matcher, const struct matcher_field *fields, size_t fields_count,
                uint32_t *ret_index);

/* Says what else is known of a pending listing, before matcher_scan. Without it nothing is. */
void matcher_set_facts(struct matcher *matcher, uint32_t index, const struct matcher_facts *facts);

/* Scans all pending listings, in one engine call where possible. An engine error is not returned
   but stands in the results as MATCHER_OUTCOME_FAILED, only for the listings that were not
   examined. */
void matcher_scan(struct matcher *matcher);

/* The result of a pending listing after matcher_scan. Rules: of one mark a span inside a longer one
   is dropped, different marks do not hide each other. A hit is counterfeit if a cue stands near
   (within 128, 192, 320 folded bytes by strength 1, 2, 3, over the fields in order, not overlapping
   it and not denied: "not a replica"), or if the mark is disguised; otherwise mention if a lawful
   context stands near, otherwise mark. A generic mark is a hit only with a cue near or beside a
   word for its category's goods, and counterfeit only with a cue. Then rules: of those that
   hold for a hit the one of the strongest class, of equals the one read first, gives the hit its
   class, whatever the default would be; a rule can also keep a generic mark, and report words of
   its own. Valid until matcher_reset, but hits only until the next call of matcher_result. Work is
   done here only for listings with raw hits. */
void matcher_result(struct matcher *matcher, uint32_t index, struct matcher_result *ret_result);

/* How many folded bytes may stand between a mark and a cue of this strength (1..3) near it. */
uint32_t matcher_cue_reach(unsigned strength);

/* Forgets the pending listings; their texts are no longer borrowed. */
void matcher_reset(struct matcher *matcher);

/* Bytes this scanner holds (batch, scratch), for the memory bound printed at start. */
size_t matcher_bytes(const struct matcher *matcher);

/* Frees; NULL is fine. Returns NULL. */
struct matcher *matcher_close(struct matcher *matcher);

#endif
