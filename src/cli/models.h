/* models.h - the models of a key, asked for over the network. */
#ifndef MB_CLI_MODELS_H
#define MB_CLI_MODELS_H

#include "batch/options.h"
#include "net/loop.h"

/* No model was given: says so and lists the key's models of the product, so that one can be chosen.
 * The exit code. */
int models_suggest(struct loop *loop, const struct batch_options *options);

#endif
