/*
 * What a set of marks, cues and rules costs, measured: with its rules and variants, and without.
 */
#ifndef DAEMON_CTL_SET_COST_H
#define DAEMON_CTL_SET_COST_H

struct matcher_lists;

/* Compiles the lists three times, has each set look at built-in listings, and prints a table on
   stdout. The lists lose their rules and variants. Times are of this machine, now. 0; -errno. */
int set_cost_print(struct matcher_lists *lists);

#endif
