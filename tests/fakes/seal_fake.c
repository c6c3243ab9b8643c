/*
 * The sealer's rules (DESIGN 9.13), without a socket and without a file.
 */
#include "tests/fakes/seal_fake.h"

#include <errno.h>
#include <string.h>

#include "daemon/writer_seal.h"
#include "tests/fakes/test.h"

static int ask(void *context, const void *request, size_t len)
{
    struct seal_fake *fake = context;

    if (!fake->is_there || (fake->late && fake->at_once)) {
        fake->at_once = false;
        return -EPIPE;
    }
    assert_int_equal(fake->request_len, 0); /* one at a time */
    assert_true(len > 0);
    assert_true(len <= sizeof(fake->request));
    memcpy(fake->request, request, len);
    fake->request_len = len;
    fake->asked++;
    if (fake->at_once) { /* the writer waits for it as it opens */
        fake->at_once = false;
        seal_fake_deliver(fake);
    }
    return 0;
}

static int open_door(void *context, struct backend *backend, void *seal, struct seal_door *ret_door)
{
    struct seal_fake *fake = context;

    (void)backend;
    fake->seal = seal;
    fake->at_once = true;
    fake->request_len = 0; /* what a dead process has asked is gone */
    *ret_door = (struct seal_door){.ask = ask, .context = fake};
    return 0;
}

static void published(void *context, const struct writer_checkpoint *told)
{
    struct seal_fake *fake = context;
    static struct note note;
    struct checkpoint checkpoint;

    assert_int_equal(checkpoint_open(told->bytes, told->len, fake->config.key, &note, &checkpoint),
                     TLOG_OK);
    assert_int_equal(checkpoint.size, told->size);
    assert_true(told->size >= fake->published_size);
    fake->published_size = told->size;
    fake->published_urgent += told->urgent;
}

void seal_fake_open(struct seal_fake *fake, uint64_t interval_ns)
{
    static const uint8_t seed[NOTE_KEY_BYTES] = {7};

    memset(fake, 0, sizeof(*fake));
    fake->signer = note_signer_open("noticed.test/l", 14, NOTE_KEY_ED25519, seed);
    assert_non_null(fake->signer);
    fake->root = merkle_root(&(struct merkle_tree){.size = 0});
    fake->answers = true;
    fake->is_there = true;
    fake->config = (struct writer_seal_config){.key = note_signer_key(fake->signer),
                                               .interval_ns = interval_ns,
                                               .open = open_door,
                                               .published = published,
                                               .context = fake};
}

static size_t sign(struct seal_fake *fake, const struct seal_request *request, char *answer,
                   size_t room)
{
    char line[SEAL_SIGNATURE_BYTES_MAX];
    struct text text = text_into(line, sizeof(line));
    uint64_t size = request->checkpoint.size;

    assert_true(size < SEAL_FAKE_SIZES_MAX);
    if (fake->was_signed[size])
        assert_true(merkle_equal(&fake->roots[size], &request->checkpoint.root));
    fake->was_signed[size] = true;
    fake->roots[size] = request->checkpoint.root;
    fake->size = size;
    fake->root = request->checkpoint.root;
    fake->signed_count++;
    note_sign(&text, fake->signer, request->text, request->text_len, 0);
    assert_false(text.overflow);
    return seal_answer_format_signed(answer, room, line, text.len);
}

void seal_fake_deliver(struct seal_fake *fake)
{
    struct seal_request request;
    char answer[SEAL_ANSWER_BYTES_MAX];
    size_t len;

    if (fake->request_len == 0 || !fake->answers)
        return;
    assert_int_equal(seal_request_parse(fake->request, fake->request_len, &request), TLOG_OK);
    fake->request_len = 0;
    if (request.old_size != fake->size)
        len = seal_answer_format_other_size(answer, sizeof(answer), fake->size, &fake->root);
    else if (request.checkpoint.size == fake->size &&
             !merkle_equal(&fake->root, &request.checkpoint.root))
        len = seal_answer_format_refusal(answer, sizeof(answer), SEAL_OTHER_ROOT, "no");
    else if (!merkle_verify_consistency(fake->size, &fake->root, request.checkpoint.size,
                                        &request.checkpoint.root, &request.proof))
        len = seal_answer_format_refusal(answer, sizeof(answer), SEAL_BAD_PROOF, "no");
    else
        len = sign(fake, &request, answer, sizeof(answer));
    fake->refused += memcmp(answer, "200", 3) != 0 && memcmp(answer, "409", 3) != 0;
    assert_true(len > 0);
    writer_seal_answered(fake->seal, answer, len);
}

void seal_fake_close(struct seal_fake *fake)
{
    fake->signer = note_signer_close(fake->signer);
}
