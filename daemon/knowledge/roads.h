/*
 * Which roads to knowledge are open at an instant (domain 0.3): a listing that stayed active after
 * notice and grace, a merchant over the platform's own threshold. What the records show, and no
 * finding: nothing is said of orders, nor of what anybody knew.
 */
#ifndef KNOWLEDGE_ROADS_H
#define KNOWLEDGE_ROADS_H

#include "daemon/knowledge/knowledge.h"

/* One road that the records show to be open. */
struct knowledge_road {
    bool by_strikes;
    struct knowledge_text listing;      /* whose road it is; at == NULL: by_strikes */
    struct knowledge_text merchant;     /* at == NULL: nobody registered the listing */
    char shown[KNOWLEDGE_REASON_BYTES]; /* "active_after_grace", "strikes_3_of_3" */
    int64_t since_ns;                   /* when it began */
    bool begun;                         /* surely before what came */
    const struct knowledge_text *ids;   /* of the events that it rests on */
    size_t ids_count;
    bool notices; /* ids are names of notices */
};

/* Whose roads, and when. The listing's; and, unless merchant.at is NULL, those of that merchant:
   its strikes, and with all_listings those of its listings. */
struct knowledge_roads_question {
    struct knowledge_text platform, listing, merchant;
    bool all_listings;
    int64_t at_ns; /* what came */
    uint32_t unc_ms;
    int64_t until_ns; /* a road must be open then; not before at_ns */
};

/* Takes one road, which dies when it returns. Not 0 ends the walk with that value. */
typedef int knowledge_take_road(void *context, const struct knowledge_road *road);

/* The roads that are surely open (KNOWLEDGE_SHOWN); doubt opens none. The set must be built. 0,
   what `take` returned, or -ENOMEM. */
int knowledge_roads(struct knowledge *knowledge, const struct knowledge_roads_question *question,
                    knowledge_take_road *take, void *context);

/* The merchant that a listing was last registered for; at == NULL: none. The set must be built. */
struct knowledge_text knowledge_listing_merchant(const struct knowledge *knowledge,
                                                 struct knowledge_text platform,
                                                 struct knowledge_text listing);

/* Whether any notice of the platform's names the listing, with or without effect. The set must be
   built. */
bool knowledge_is_noticed(const struct knowledge *knowledge, struct knowledge_text platform,
                          struct knowledge_text listing);

/* Whether support of this kind is affirmative (domain 1.3). */
bool knowledge_is_affirmative(struct knowledge_text kind);

#endif
