/*
 * The words around a name: lawful contexts, denied cues, goods, idioms.
 */
#include "matcher/context.h"
#include "matcher/fold.h"
#include "tests/unit/matcher_test.h"

/* Folds text, finds name in it and says what the context of the name is. */
static struct context_found context(const char *text, const char *name, char *folded, size_t *len)
{
    char key[256];
    *len = fold_text(text, strlen(text), folded);
    size_t key_len = fold_text(name, strlen(name), key);
    const char *at = memmem(folded, *len, key + 1, key_len - 2);
    assert_non_null(at);
    size_t begin = (size_t)(at - folded);
    return context_of(folded, *len, begin, begin + key_len - 2);
}

static void assert_context(const char *text, enum matcher_context kind, const char *phrase)
{
    char folded[4096];
    size_t len = 0;
    assert_true(fold_bound(strlen(text)) <= sizeof folded);
    struct context_found found = context(text, "zorbex", folded, &len);
    if (found.kind != kind)
        print_message("%s: %d\n", text, (int)found.kind);
    assert_int_equal(found.kind, kind);
    if (kind == MATCHER_CONTEXT_NONE)
        return;
    assert_true(found.begin < found.end);
    assert_true(found.end <= len);
    assert_int_equal(found.end - found.begin, strlen(phrase));
    assert_memory_equal(folded + found.begin, phrase, strlen(phrase));
}

static void lawful_words_before_a_name_are_its_context(void **state)
{
    (void)state;
    assert_context("strap compatible with Zorbex", MATCHER_CONTEXT_COMPATIBLE, "compatible with");
    assert_context("Storage hammock fits Zorbex", MATCHER_CONTEXT_COMPATIBLE, "fits");
    assert_context("LED light kit for Zorbex 10307", MATCHER_CONTEXT_COMPATIBLE, "kit for");
    assert_context("Kabel passend für Zorbex", MATCHER_CONTEXT_COMPATIBLE, "passend fur");
    assert_context("чехол для Zorbex", MATCHER_CONTEXT_COMPATIBLE, "чехол для");
    assert_context("收纳盒适用于Zorbex", MATCHER_CONTEXT_COMPATIBLE, "适用于");
    assert_context("Used genuine Zorbex frog", MATCHER_CONTEXT_SECOND_HAND, "used");
    assert_context("Alternative to Zorbex: plush", MATCHER_CONTEXT_REVIEW, "alternative to");
    assert_context("How to spot a fake Zorbex: 7 signs", MATCHER_CONTEXT_ADVICE,
                   "how to spot a fake");
}

static void lawful_words_after_a_name_are_its_context(void **state)
{
    (void)state;
    assert_context("Zorbex compatible strap", MATCHER_CONTEXT_COMPATIBLE, "compatible");
    assert_context("Zorbex用ケース", MATCHER_CONTEXT_COMPATIBLE, "用");
    assert_context("Zorbex plush, not affiliated with the maker", MATCHER_CONTEXT_COMPATIBLE,
                   "not affiliated with");
    assert_context("Zorbex wallet, pre-owned with receipt", MATCHER_CONTEXT_SECOND_HAND,
                   "pre owned");
    assert_context("Zorbex, sold by an authorised retailer", MATCHER_CONTEXT_AUTHORISED,
                   "authorised retailer");
    assert_context("Zorbex vs others", MATCHER_CONTEXT_REVIEW, "vs");
    assert_context("Zorbex kaum getragen", MATCHER_CONTEXT_SECOND_HAND, "kaum getragen");
    assert_context("Zorbex 九成新", MATCHER_CONTEXT_SECOND_HAND, "九成新");
    assert_context("Zorbex is not affiliated with us", MATCHER_CONTEXT_COMPATIBLE,
                   "not affiliated with");
}

static void other_words_are_no_context(void **state)
{
    (void)state;
    assert_context("Zorbex 16 inch plush wholesale", MATCHER_CONTEXT_NONE, NULL);
    assert_context("hot sale for Zorbex", MATCHER_CONTEXT_NONE, NULL);
    assert_context("sneakers for men Zorbex", MATCHER_CONTEXT_NONE, NULL);
    assert_context("misfits Zorbex", MATCHER_CONTEXT_NONE, NULL);
    assert_context("slim fit jeans Zorbex", MATCHER_CONTEXT_NONE, NULL);
    assert_context("can be used outdoors Zorbex", MATCHER_CONTEXT_NONE, NULL);
    assert_context("more than Zorbex", MATCHER_CONTEXT_NONE, NULL);
    assert_context("Zorbex", MATCHER_CONTEXT_NONE, NULL);
}

static void words_out_of_reach_say_nothing(void **state)
{
    (void)state;
    assert_context("compatible with all kinds of other well known things, Zorbex",
                   MATCHER_CONTEXT_NONE, NULL);
    assert_context("used one two three four five six seven eight nine ten, Zorbex",
                   MATCHER_CONTEXT_NONE, NULL);
}

static void the_weightiest_context_counts(void **state)
{
    (void)state;
    assert_context("used strap for Zorbex", MATCHER_CONTEXT_SECOND_HAND, "used");
    assert_context("fake or real? Zorbex vs others", MATCHER_CONTEXT_ADVICE, "fake or real");
}

static bool denies(const char *text, const char *cue)
{
    char folded[4096], key[256];
    size_t len = fold_text(text, strlen(text), folded);
    size_t key_len = fold_text(cue, strlen(cue), key);
    const char *at = memmem(folded, len, key + 1, key_len - 2);
    assert_non_null(at);
    size_t begin = (size_t)(at - folded);
    struct context_found found = {.kind = MATCHER_CONTEXT_NONE};
    bool denied = context_denies(folded, len, begin, begin + key_len - 2, &found);
    assert_true(denied || found.kind == MATCHER_CONTEXT_NONE);
    assert_true(found.kind == MATCHER_CONTEXT_NONE || found.kind == MATCHER_CONTEXT_ADVICE);
    return denied;
}

static void a_denied_cue_is_no_cue(void **state)
{
    (void)state;
    assert_true(denies("We never sell replica goods", "replica"));
    assert_true(denies("not a replica", "replica"));
    assert_true(denies("Beware of replicas", "replicas"));
    assert_true(denies("keine Replik", "replik"));
    assert_true(denies("не реплика", "реплика"));
    assert_true(denies("谨防高仿", "高仿"));
    assert_true(denies("replika değildir", "replika"));
    assert_true(denies("スーパーコピーではありません", "スーパーコピー"));
    assert_true(denies("짝퉁이 아닙니다", "짝퉁"));
    assert_true(denies("Fälschung ausgeschlossen", "falschung"));
    assert_false(denies("짝퉁 정품 아닙니다", "짝퉁"));
    assert_false(denies("高仿没有区别", "高仿"));
    assert_false(denies("replica", "replica"));
    assert_false(denies("not cheap: replica", "replica"));
    assert_false(denies("replica, not a toy", "replica"));
    assert_false(denies("We never sell bad things, buy our best and finest replica", "replica"));
}

static void articles_and_the_like_do_not_part_a_denial_from_its_cue(void **state)
{
    (void)state;
    assert_true(denies("no se trata de una réplica", "réplica"));
    assert_true(denies("es handelt sich nicht um eine Fälschung", "falschung"));
    assert_true(denies("il ne s'agit pas d'une réplique", "replique"));
    assert_true(denies("não trabalhamos com réplica", "replica"));
    assert_true(denies("to nie jest żadna podróbka", "podrobka"));
    assert_true(denies("это вам не какая-то реплика", "реплика"));
    assert_true(denies("neither a replica", "replica"));
    assert_true(denies("не копия и не реплика", "реплика"));
    assert_false(denies("not original, a replica", "replica"));
    assert_false(denies("no box with this replica", "replica"));
    assert_false(denies("not just a replica", "replica"));
    assert_false(denies("orijinal değil, replika", "replika"));
    assert_false(denies("nicht original sondern Replik", "replik"));
}

static void a_no_behind_a_cue_denies_it_where_the_field_ends(void **state)
{
    (void)state;
    assert_true(denies("zapatillas, imitación no", "imitacion"));
    assert_true(denies("tênis, réplica não!", "replica"));
    assert_true(denies("реплика — нет", "реплика"));
    assert_true(denies("Fälschung? Nein, danke", "falschung"));
    assert_true(denies("réplicas no, gracias", "replicas"));
    assert_false(denies("replica, no box", "replica"));
    assert_false(denies("réplique non portée", "replique"));
    assert_false(denies("реплика, нет коробки", "реплика"));
}

static void denials_stand_on_the_side_that_their_language_puts_them(void **state)
{
    (void)state;
    assert_true(denies("本店不做高仿", "高仿"));
    assert_true(denies("高仿不卖", "高仿"));
    assert_true(denies("高仿的走开", "高仿"));
    assert_true(denies("コピー品は一切ございません", "コピー品"));
    assert_true(denies("コピー品の販売はしておりません", "コピー品"));
    assert_true(denies("짝퉁 취급 안합니다", "짝퉁"));
    assert_true(denies("реплику не предлагать", "реплику"));
    assert_true(denies("we don't deal in replicas", "replicas"));
    assert_true(denies("Fälschungen werden nicht verkauft", "falschungen"));
    assert_true(denies("replika ürün satmıyoruz", "replika"));
    assert_true(denies("aqui não tem réplica", "replica"));
    assert_false(denies("don't miss this replica", "replica"));
    assert_true(denies("çakma değil orijinal", "cakma"));
    assert_true(denies("podróbka nie wchodzi w grę", "podrobka"));
    assert_true(denies("δεν είναι απομίμηση", "απομιμηση"));
    assert_false(denies("高仿 不掉色", "高仿"));
    assert_false(denies("レプリカ 箱なし", "レプリカ"));
    assert_false(denies("コピー品 本物と変わりません", "コピー品"));
}

static void a_cue_inside_a_phrase_says_what_the_phrase_says(void **state)
{
    (void)state;
    assert_true(denies("Nike coat with fake fur trim", "fake"));
    assert_true(denies("adidas home replica jersey", "replica"));
    assert_true(denies("Is this real or fake?", "fake"));
    assert_true(denies("fake check done", "fake"));
    assert_true(denies("Star Wars helmet 1:1 scale", "1:1"));
    assert_true(denies("a counterfeit detector pen", "counterfeit"));
    assert_false(denies("replica handbag, jersey lining", "replica"));
    assert_false(denies("fake bag, fur trim", "fake"));
    assert_false(denies("1:1 copy, scale logo", "1:1"));
    assert_false(denies("Gucci replica shirt", "replica"));
}

static bool has_goods(const char *text, const char *name, const char *category)
{
    char folded[4096];
    size_t len = fold_text(text, strlen(text), folded);
    const char *at = memmem(folded, len, name, strlen(name));
    assert_non_null(at);
    size_t begin = (size_t)(at - folded);
    return context_has_goods(folded, len, begin, begin + strlen(name), category, strlen(category));
}

static void goods_of_the_category_beside_an_ordinary_word_make_it_a_name(void **state)
{
    (void)state;
    assert_true(has_goods("Puma running shoes", "puma", "sportswear"));
    assert_true(has_goods("Coach handbag", "coach", "fashion"));
    assert_true(has_goods("sneakers Puma", "puma", "Footwear, Sportswear"));
    assert_false(has_goods("puma wild cat poster", "puma", "sportswear"));
    assert_false(has_goods("coach bus model 1:50", "coach", "fashion"));
    assert_false(has_goods("coach and a nice handbag", "coach", "fashion"));
    assert_false(has_goods("Coach handbag", "coach", "electronics"));
    assert_false(has_goods("Coach handbag", "coach", ""));
    assert_false(has_goods("Coach", "coach", "fashion"));
}

static bool is_inside(const char *text, const char *name)
{
    char folded[4096];
    size_t len = fold_text(text, strlen(text), folded);
    const char *at = memmem(folded, len, name, strlen(name));
    assert_non_null(at);
    size_t begin = (size_t)(at - folded);
    return context_is_inside(folded, len, begin, begin + strlen(name));
}

static void a_short_name_inside_other_words_is_none(void **state)
{
    (void)state;
    assert_true(is_inside("娱乐高清", "乐高"));
    assert_true(is_inside("我忍耐克服", "耐克"));
    assert_true(is_inside("快乐高分作文", "乐高"));
    assert_true(is_inside("強大眾多", "大眾"));
    assert_true(is_inside("搜索尼龙布", "索尼"));
    assert_true(is_inside("三星级酒店", "三星"));
    assert_true(is_inside("有机小米粥", "小米"));
    assert_false(is_inside("全新华为官网", "华为"));
    assert_false(is_inside("经典索尼龙", "索尼"));
    assert_false(is_inside("三星空调", "三星"));
    assert_false(is_inside("小米手机", "小米"));
    assert_true(is_inside("オレゴン", "レゴ"));
    assert_true(is_inside("A スプーマ", "プーマ"));
    assert_true(is_inside("プラダン 板", "プラダ"));
    assert_true(is_inside("リモワンピース", "リモワ"));
    assert_true(is_inside("ヤマハギの花", "ヤマハ"));
    assert_false(is_inside("ナイキの靴", "ナイキ"));
    assert_false(is_inside("プラダバッグ", "プラダ"));
    assert_false(is_inside("ナイキっぽい", "ナイキ"));
    assert_true(is_inside("그레고리", "레고"));
    assert_false(is_inside("娱乐高", "乐高")); /* 高 and what follows are no word */
    assert_false(is_inside("乐高清", "乐高"));
    assert_false(is_inside("正品乐高清仓", "乐高"));
    assert_false(is_inside("メンズレゴ", "レゴ"));
    assert_false(is_inside("レゴブロック", "レゴ"));
    assert_false(is_inside("새레고", "레고"));
    assert_false(is_inside("정품레고세트", "레고"));
    assert_false(is_inside("娱乐泡泡玛特", "泡泡玛特"));
    assert_false(is_inside("a nike b", "nike"));
}

static void a_name_inside_an_idiom_is_none(void **state)
{
    (void)state;
    char folded[4096];
    const char *text = "Lego of my hand, Lego";
    size_t len = fold_text(text, strlen(text), folded);
    assert_true(context_is_idiom(folded, len, 1, 5));
    assert_false(context_is_idiom(folded, len, len - 5, len - 1));
    assert_false(context_is_idiom(folded, len, len, len));
}

static void assert_table(const struct context_phrase *phrases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char folded[512];
        size_t len = strlen(phrases[i].text);
        if (fold_text(phrases[i].text, len, folded) != len + 2 ||
            memcmp(folded + 1, phrases[i].text, len) != 0)
            print_message("%s\n", phrases[i].text);
        assert_int_equal(fold_text(phrases[i].text, len, folded), len + 2);
        assert_memory_equal(folded + 1, phrases[i].text, len);
        assert_true(phrases[i].gap_max <= CONTEXT_REACH_BYTES);
        if (i > 0)
            assert_true(strcmp(phrases[i - 1].text, phrases[i].text) < 0);
    }
}

static void the_tables_are_sorted_and_as_the_fold_writes_it(void **state)
{
    (void)state;
    assert_table(context_phrases, context_phrases_count);
    assert_table(context_denials, context_denials_count);
    for (size_t i = 0; i < context_goods_count; i++) {
        char folded[2048];
        size_t len = strlen(context_goods[i].words);
        assert_int_equal(fold_text(context_goods[i].words, len, folded), len);
        assert_memory_equal(folded, context_goods[i].words, len);
    }
}

/* The window that is read ends at the field's ends, at whatever byte of a letter it begins. */
static void any_window_is_read_safely(void **state)
{
    (void)state;
    const char *text = "für 适用于 compatible with чехол для Zorbex used 中古 not a replica";
    char folded[4096];
    size_t len = fold_text(text, strlen(text), folded);
    for (size_t from = 0; from <= len; from++) {
        char *exact = malloc(len - from + 1);
        assert_non_null(exact);
        memcpy(exact, folded + from, len - from);
        for (size_t at = 0; at <= len - from; at++) {
            struct context_found found = context_of(exact, len - from, at, at);
            assert_true(found.end <= len - from);
            (void)context_denies(exact, len - from, at, at, &found);
            (void)context_is_idiom(exact, len - from, at, at);
            (void)context_has_goods(exact, len - from, at, at, "toys", 4);
        }
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lawful_words_before_a_name_are_its_context),
        cmocka_unit_test(lawful_words_after_a_name_are_its_context),
        cmocka_unit_test(other_words_are_no_context),
        cmocka_unit_test(words_out_of_reach_say_nothing),
        cmocka_unit_test(the_weightiest_context_counts),
        cmocka_unit_test(a_denied_cue_is_no_cue),
        cmocka_unit_test(articles_and_the_like_do_not_part_a_denial_from_its_cue),
        cmocka_unit_test(a_no_behind_a_cue_denies_it_where_the_field_ends),
        cmocka_unit_test(denials_stand_on_the_side_that_their_language_puts_them),
        cmocka_unit_test(a_cue_inside_a_phrase_says_what_the_phrase_says),
        cmocka_unit_test(goods_of_the_category_beside_an_ordinary_word_make_it_a_name),
        cmocka_unit_test(a_short_name_inside_other_words_is_none),
        cmocka_unit_test(a_name_inside_an_idiom_is_none),
        cmocka_unit_test(the_tables_are_sorted_and_as_the_fold_writes_it),
        cmocka_unit_test(any_window_is_read_safely),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
