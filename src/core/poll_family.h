/* poll_family.h - what is believed of how long jobs take where the polls have shown little: a family
 * of lognormal distributions, each as likely as it makes what was seen (Bayes' rule), and the mixture
 * of them all. Jobs that were seen running tell as much as those that ended: when none of 200 is
 * done after 5 s, most of the family is ruled out, and with it the polls that it would ask for.
 *
 * Before anything is known the mixture's median is 8 s, and four jobs in five take 2 to 33 s. Pure. */
#ifndef MB_CORE_POLL_FAMILY_H
#define MB_CORE_POLL_FAMILY_H

#include "core/poll_histogram.h"

/* For each span the hazard's integral over it. */
void poll_family_risks(const struct poll_histogram *h, double risks[POLL_BINS]);

#endif
