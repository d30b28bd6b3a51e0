/* script.h - an order of events as text: a line with the rules, then one move a line.
 *
 *   rules attempts=2 in_doubt=hold webhooks=on user=off trusting=off
 *   start
 *   admit
 *   commit
 *   arrives 1
 */
#ifndef MB_SIM_EXPLORE_SCRIPT_H
#define MB_SIM_EXPLORE_SCRIPT_H

#include "moves.h"

#include <stdio.h>

struct life life_at_first(void);

void script_print_rules(const struct rules *rules, FILE *out);
void script_print_move(struct move m, FILE *out);

/* Runs what IN says and shows each step. 0; 1: a promise is broken; 2: it can't be run. */
int script_replay(FILE *in, const char *name, FILE *out);

#endif
