/*
 * What the start record says of the machine. Goal: the ids are those that others compute, and no
 * other text passes for one.
 */
#include <string.h>

#include "daemon/identity.h"
#include "daemon/ledger/shape.h"
#include "tests/fakes/test.h"

/* RFC 4231, cases 1 and 2. */
static void the_keyed_hash_is_that_of_the_rfc(void **state)
{
    (void)state;
    uint8_t key[20], digest[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];

    memset(key, 0x0b, sizeof key);
    digest_hmac_sha256(key, sizeof key, "Hi There", 8, digest);
    digest_hex(digest, hex);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    digest_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, digest);
    digest_hex(digest, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

/* As Python says: hmac.new(bytes.fromhex(id), b'noticed machine 1', 'sha256').hexdigest() */
static void a_machine_is_named_by_a_hash_that_hides_its_id(void **state)
{
    (void)state;
    static const char id[] = "000102030405060708090a0b0c0d0e0f\n";
    uint8_t digest[DIGEST_BYTES], again[DIGEST_BYTES];
    char hex[2 * DIGEST_BYTES + 1];

    assert_true(identity_machine_hash(id, 33, digest));
    assert_true(identity_machine_hash(id, 32, again));
    assert_memory_equal(digest, again, sizeof digest);
    digest_hex(digest, hex);
    assert_string_equal(hex, "d0632095b870250452d9b77e34538982ad9b1364d443c7289167a228e3a21f47");
}

static void what_is_no_machine_id_has_no_hash(void **state)
{
    (void)state;
    uint8_t digest[DIGEST_BYTES];

    assert_false(identity_machine_hash("", 0, digest));
    assert_false(identity_machine_hash("uninitialized\n", 14, digest));
    assert_false(identity_machine_hash("000102030405060708090a0b0c0d0e0", 31, digest));
    assert_false(identity_machine_hash("000102030405060708090a0b0c0d0e0g", 32, digest));
    assert_false(identity_machine_hash("000102030405060708090A0B0C0D0E0F", 32, digest));
    assert_false(identity_machine_hash("000102030405060708090a0b0c0d0e0f\n\n", 34, digest));
}

static void a_boot_id_comes_with_or_without_dashes(void **state)
{
    (void)state;
    static const char wanted[] = "c5482d5a-20ac-4b54-9492-aa1a7eb8e78c";
    char id[IDENTITY_BOOT_ID_BYTES + 1];

    assert_true(identity_boot_id("c5482d5a-20ac-4b54-9492-aa1a7eb8e78c\n", 37, id));
    assert_string_equal(id, wanted);
    memset(id, 0, sizeof id);
    assert_true(identity_boot_id("c5482d5a20ac4b549492aa1a7eb8e78c", 32, id));
    assert_string_equal(id, wanted);
    assert_false(identity_boot_id("", 0, id));
    assert_false(identity_boot_id("%b", 2, id));
    assert_false(identity_boot_id("c5482d5a20ac4b549492aa1a7eb8e78", 31, id));
    assert_false(identity_boot_id("c5482d5a20ac4b549492aa1a7eb8e78c0", 33, id));
    assert_false(identity_boot_id("c5482d5a-20ac-4b54-9492aaa1a7eb8e78c", 36, id));
    assert_false(identity_boot_id("c5482d5a-20ac-4b54-9492-aa1a7eb8e78c\"", 37, id));
}

static void the_members_are_json_and_fit(void **state)
{
    (void)state;
    const uint8_t config[DIGEST_BYTES] = {0};
    char body[IDENTITY_BYTES_MAX + 1];

    size_t len = identity_encode(config, 64, body);
    assert_in_range(len, 1, IDENTITY_BYTES_MAX);
    body[0] = '{';
    body[len] = '}';
    assert_true(shape_is_object(body, len + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keyed_hash_is_that_of_the_rfc),
        cmocka_unit_test(a_machine_is_named_by_a_hash_that_hides_its_id),
        cmocka_unit_test(what_is_no_machine_id_has_no_hash),
        cmocka_unit_test(a_boot_id_comes_with_or_without_dashes),
        cmocka_unit_test(the_members_are_json_and_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
