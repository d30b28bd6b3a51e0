/* aimed.h - a few seeds of a hundred are aimed at one order of events that the others, where everything
 * is drawn, hardly ever come to: calm worlds, but for what that order needs. Each kind is drawn from
 * numbers of its own: one more kind changes the seeds that become of it, and no other. */
#ifndef MB_SIM_AIMED_H
#define MB_SIM_AIMED_H

#include "scenario.h"

/* S is drawn: it becomes one of them, or stays as it is. */
void scenario_aim(struct scenario *s);

#endif
