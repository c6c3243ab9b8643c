/*
 * What rules ask beside words: prices, sellers and days, platforms, expressions.
 */
#include "matcher/rules_value.h"
#include "tests/unit/rules_rig.h"

static struct matcher_facts price_of(const char *price, const char *currency)
{
    return (struct matcher_facts){.price = price,
                                  .price_len = price == NULL ? 0 : strlen(price),
                                  .currency = currency,
                                  .currency_len = currency == NULL ? 0 : strlen(currency)};
}

static bool fires_at(const char *price, const char *currency)
{
    struct matcher_facts facts = price_of(price, currency);
    return fires_with("Fuzzbear", NULL, &facts);
}

static void a_price_is_compared_exactly_and_in_its_own_currency(void **state)
{
    (void)state;
    use_rule("  price_below: {USD: '24.90', JPY: 3e3}",
             "{title: Fuzzbear, price: 24.8999, currency: USD}",
             "{title: Fuzzbear, price: 24.90, currency: USD}");
    assert_true(fires_at("24.899999999999999999999999", "USD"));
    assert_false(fires_at("24.900000000000000000000000", "USD"));
    assert_false(fires_at("00024.9", "USD"));
    assert_true(fires_at("0", "USD"));
    assert_true(fires_at("0.00", "usd"));
    assert_true(fires_at(" 2.4e1 ", "USD"));
    assert_false(fires_at("2.5E+1", "USD"));
    assert_true(fires_at("2999", "JPY"));
    assert_false(fires_at("3000.00", "JPY"));
    assert_true(fires_at("100e-9999", "JPY"));
}

static void a_price_that_is_no_number_or_of_another_currency_is_unknown(void **state)
{
    (void)state;
    static const char *const bad[] = {"",   "free", "$5", "5 USD",   "5,00", "1,000",
                                      "-5", "+5",   ".5", "5.",      "5..0", "5e",
                                      "e5", "0x5",  ".",  "5e99999", "5 0",  "٥"};
    use_rule("  price_below: {USD: 10}", "{title: Fuzzbear, price: 1, currency: USD}", "Fuzzbear");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(fires_at(bad[i], "USD"));
    assert_false(fires_at("1", "EUR"));
    assert_false(fires_at("1", NULL));
    assert_false(fires_at(NULL, "USD"));
    /* Not unknown is unknown too: a rule never speaks on what it does not know. */
    use_rule("  none: [{price_below: {USD: 10}}]", "{title: Fuzzbear, price: 11, currency: USD}",
             "Fuzzbear");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(fires_at(bad[i], "USD"));
    assert_false(fires_at("11", "EUR"));
    assert_true(fires_at("11", "USD"));
}

static bool fires_for(const char *platform, const char *seller, const char *day)
{
    struct matcher_facts facts = {.platform = platform,
                                  .platform_len = platform == NULL ? 0 : strlen(platform),
                                  .seller = seller,
                                  .seller_len = seller == NULL ? 0 : strlen(seller),
                                  .has_observed = day != NULL};
    if (day != NULL)
        assert_int_equal(rules_value_day(day, strlen(day), &facts.observed_ns), 0);
    return fires_with("Fuzzbear", NULL, &facts);
}

static void a_seller_is_listed_from_a_day_until_a_day(void **state)
{
    (void)state;
    use_rule("  sellers: few", "{title: Fuzzbear, platform: p, seller: always}", "Fuzzbear");
    assert_false(fires_for("p", "s", "2025-12-31"));
    assert_true(fires_for("p", "s", "2026-01-01"));
    assert_true(fires_for("p", "s", "2026-01-31"));
    assert_false(fires_for("p", "s", "2026-02-01"));
    assert_true(fires_for("p", "s", "2200-01-01"));
    assert_true(fires_for("p", "old", "1999-12-31"));
    assert_false(fires_for("p", "old", "2020-01-01"));
    assert_true(fires_for("p", "always", NULL));
    assert_false(fires_for("q", "always", NULL));
    assert_false(fires_for("p", "alway", "2026-01-01"));
    assert_true(fires_for("all", "whoever", NULL));
    assert_true(fires_for("all", NULL, NULL));
}

static void without_a_seller_or_a_day_a_seller_list_is_unknown(void **state)
{
    (void)state;
    use_rule("  none: [{sellers: few}]", "{title: Fuzzbear, platform: q, seller: s}", "Fuzzbear");
    assert_true(fires_for("p", "t", NULL));
    assert_false(fires_for("p", "s", NULL));  /* it has days, and the listing none */
    assert_false(fires_for("p", NULL, NULL)); /* whose is it? */
    assert_false(fires_for(NULL, "s", NULL));
    assert_true(fires_for("q", NULL, NULL)); /* the list names nobody there */
}

static void a_listing_is_on_a_platform(void **state)
{
    (void)state;
    use_rule("  platforms: [zz, p, all]", "{title: Fuzzbear, platform: p}",
             "{title: Fuzzbear, platform: pp}");
    assert_true(fires_for("zz", NULL, NULL));
    assert_true(fires_for("all", "x", NULL));
    assert_false(fires_for("z", NULL, NULL));
    assert_false(fires_for(NULL, NULL, NULL));
}

static void an_expression_reads_folded_or_raw_text(void **state)
{
    (void)state;
    use_rule("  regex: '^fuzzbear (4|5)\\d cm$'", "'FUZZBEAR, 45 cm!'", "Fuzzbear 65 cm");
    assert_true(fires("x", "Fuzz\xE2\x80\x8B"
                           "bear ４５ cm"));
    use_rule("  regex: {pattern: 'Ref\\.\\s*\\d+', text: raw}", "Fuzzbear Ref. 12",
             "Fuzzbear ref. 12");
    assert_true(fires("Fuzzbear", "Ref.12"));
    use_rule("  regex: {pattern: 'ref\\.\\s*\\d+', flags: i, text: raw}", "Fuzzbear Ref. 12",
             "Fuzzbear ref 12");
    use_rule("  regex: {pattern: '^.Fuzz', flags: us, text: raw}", "毛Fuzzbear", "毛毛Fuzzbear");
    use_rule("  none: [{regex: 'wand\\b'}]", "Fuzzbear wander", "Fuzzbear Wand");
}

static void two_expressions_one_of_each_view_do_not_mix(void **state)
{
    (void)state;
    use_rule("  all: [{regex: 'aa'}, {regex: {pattern: 'AA', text: raw}}]", "Fuzzbear AA",
             "Fuzzbear aa");
    assert_true(fires("Fuzzbear aa", "AA"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_price_is_compared_exactly_and_in_its_own_currency),
        cmocka_unit_test(a_price_that_is_no_number_or_of_another_currency_is_unknown),
        cmocka_unit_test(a_seller_is_listed_from_a_day_until_a_day),
        cmocka_unit_test(without_a_seller_or_a_day_a_seller_list_is_unknown),
        cmocka_unit_test(a_listing_is_on_a_platform),
        cmocka_unit_test(an_expression_reads_folded_or_raw_text),
        cmocka_unit_test(two_expressions_one_of_each_view_do_not_mix),
    };
    return cmocka_run_group_tests_name("rules and facts", tests, open_matcher, close_matcher);
}
