/* name_trial.h - what the file system of results/ makes of names: it isn't asked, it is tried. */
#ifndef MB_RESULTS_NAME_TRIAL_H
#define MB_RESULTS_NAME_TRIAL_H

#include "ledger/naming.h"

/* What a trial's files are called begins so; they are gone when it ends. */
#define NAME_TRIAL "trial-"

/* Tries it with files in the open directory PARTIAL, beside RESULTS; what can't be tried counts as
 * what file systems usually do. Neither directory holds a trial's file. */
struct naming_place name_trial(int partial, int results);

#endif
