/*
 * noticectl notices: what each notice came to: when the platform was put on notice of which
 * listing, whether that still stands, and when the listing was removed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/ctl/asking.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/json_line.h"
#include "daemon/ctl/notices_print.h"
#include "daemon/knowledge/tell.h"

static const struct ctl_option options[] = {
    {"merchant", 0, "ID", "only notices that name a listing of this merchant"},
    {"platform", 0, "NAME", "only notices to this platform"},
    {"open", 0, NULL, "only listings without a recorded removal, while the notice stands"},
    {"as-of", 0, "TIME", "as they stood at this time, like 2026-11-24T15:00:00Z"},
    {"seq-max", 0, "N", "leave out records past N"},
    {"output", 'o', "FORM", "text (for people) or json (one notice a line)"},
    {"color", 0, "WHEN", "of text: auto, always or never"},
    {0},
};

struct notices {
    struct asking asking;
    size_t notices;
};

/* One notice as JSON. */
struct shown {
    const struct knowledge_notice *notice;
    bool open_only;
};

static bool is_open(const struct knowledge_noticed *noticed)
{
    return noticed->effective && noticed->standing != KNOWLEDGE_REBUTTED && !noticed->removed;
}

static void put(struct text *text, const char *key, struct knowledge_text value)
{
    text_key(text, key);
    if (value.at == NULL)
        text_literal(text, "null");
    else
        text_string(text, value.at, value.len);
}

static void put_reason(struct text *text, const char *key, enum knowledge_reason reason)
{
    char name[KNOWLEDGE_REASON_BYTES];
    knowledge_reason_name(NULL, reason, name);
    text_member_string(text, key, name);
}

/* Where it stayed, or came back, active after notice and grace time. */
static void put_persisted(struct text *text, const struct knowledge_noticed *noticed)
{
    text_key(text, "active_after_grace");
    text_literal(text, "[");
    for (size_t i = 0; i < noticed->persisted_count; i++) {
        text_literal(text, i > 0 ? ",{\"until_by\":" : "{\"until_by\":");
        text_string(text, noticed->persisted[i].to_id.at, noticed->persisted[i].to_id.len);
        text_member_time(text, "from", noticed->persisted[i].from_ns);
        text_member_time(text, "until", noticed->persisted[i].to_ns);
        text_literal(text, "}");
    }
    text_literal(text, "]");
}

static void put_listing(struct text *text, const struct knowledge_noticed *noticed)
{
    text_literal(text, "{\"listing\":");
    text_string(text, noticed->listing.at, noticed->listing.len);
    put(text, "merchant", noticed->merchant);
    if (noticed->came.from.at != NULL) {
        put(text, "from", noticed->came.from);
        text_member_bool(text, "from_sure", noticed->came.sure);
    }
    text_member_bool(text, "effective", noticed->effective);
    if (noticed->effective) {
        text_member_time(text, "known", noticed->known_ns);
        text_member_u64(text, "unc_ms", noticed->known_unc_ms);
        put_reason(text, "grade", noticed->grade);
        text_member_string(text, "stands", knowledge_answer_name(noticed->standing));
        text_member_i64(text, "grace_s", noticed->grace.seconds);
        if (noticed->grace.days > 0)
            text_member_i64(text, "grace_business_days", noticed->grace.days);
        put(text, "grace_by", noticed->grace.policy);
    }
    if (!noticed->effective || noticed->standing != KNOWLEDGE_SHOWN)
        put_reason(text, "why", noticed->why);
    if (noticed->removed) {
        text_member_time(text, "removed", noticed->removed_ns);
        put(text, "removed_by", noticed->removed_id);
        text_member_bool(text, "beyond_grace", noticed->late);
        if (noticed->late_unknown)
            text_member_bool(text, "beyond_grace_unknown", true);
    }
    if (noticed->persisted_count > 0)
        put_persisted(text, noticed);
    if (noticed->active) {
        text_member_time(text, "seen_live", noticed->active_ns);
        put(text, "seen_live_by", noticed->active_id);
    }
    text_literal(text, "}");
}

static void write_notice(struct text *text, const void *context)
{
    const struct shown *shown = context;
    const struct knowledge_notice *notice = shown->notice;
    const char *separator = "";
    text_literal(text, "{\"notice\":");
    text_string(text, notice->notice.at, notice->notice.len);
    put(text, "id", notice->id);
    put(text, "platform", notice->platform);
    put(text, "channel", notice->channel);
    text_member_bool(text, "designated", notice->designated);
    put(text, "kind", notice->kind);
    text_member_time(text, "sent", notice->sent_ns);
    text_member_u64(text, "unc_ms", notice->sent_unc_ms);
    text_literal(text, ",\"listings\":[");
    for (size_t i = 0; i < notice->listings_count; i++) {
        if (shown->open_only && !is_open(&notice->listings[i]))
            continue;
        text_literal(text, separator);
        put_listing(text, &notice->listings[i]);
        separator = ",";
    }
    text_literal(text, "]}");
}

static int take_notice(void *context, const struct knowledge_notice *notice)
{
    struct notices *notices = context;
    const struct asking *asking = &notices->asking;
    struct shown shown = {notice, asking->open_only};
    size_t wanted = 0;
    for (size_t i = 0; i < notice->listings_count; i++)
        wanted += !asking->open_only || is_open(&notice->listings[i]);
    if (asking->open_only && wanted == 0)
        return 0;
    notices->notices++;
    if (!asking->text)
        return json_line_print(write_notice, &shown);
    notices_print_head(&asking->term, notice);
    for (size_t i = 0; i < notice->listings_count; i++)
        if (!asking->open_only || is_open(&notice->listings[i]))
            notices_print_listing(&asking->term, &notice->listings[i]);
    if (notice->listings_count == 0)
        (void)fputs("  It names no listing.\n", stdout);
    (void)fputc('\n', stdout);
    return 0;
}

static int tell(struct notices *notices)
{
    struct asking *asking = &notices->asking;
    asking->until_ns = asking_now(asking);
    int result = knowledge_notices(asking->knowledge, &asking->filter, asking->until_ns,
                                   take_notice, notices);
    if (result < 0)
        return ctl_error("notices: %s", ctl_errno(result));
    if (asking->text && notices->notices == 0)
        printf("No %snotice that was asked for is recorded.\n\n", asking->open_only ? "open " : "");
    asking_tell(asking);
    int exit_code = ctl_finish();
    return exit_code == CTL_OK ? asking_exit(asking) : exit_code;
}

static int run(const struct ctl_command *command, int argc, char **argv)
{
    struct notices notices = {.asking = {.text = true}};
    struct asking *asking = &notices.asking;
    int option = asking_arguments(asking, command, argc, argv);
    if (option != CTL_OPTION_END)
        return option == CTL_OPTION_HELP ? ctl_finish() : CTL_USAGE;
    int exit_code = asking_read(asking, NULL, NULL);
    if (exit_code == CTL_OK)
        exit_code = tell(&notices);
    asking_close(asking);
    return exit_code;
}

const struct ctl_command ctl_notices = {
    .name = "notices",
    .arguments = "LEDGER",
    .summary = "tell what each notice came to, and when its listings were removed",
    .details = "For each listing that a notice names: since when the platform was on notice of it\n"
               "and by which way, whether the notice still stands, when the listing was removed,\n"
               "and whether that was within the grace time.\n\n" ASKING_STATEMENT "\n",
    .options = options,
    .run = run,
};
