/* config.h - every option, its value, and where that came from. One table (options.h) feeds the INI
 * reader, the environment, the command line, --help, the man page and the `config` command.
 *
 *   struct config *c = config_new();                       the defaults
 *   config_load_environment(c, &errors);
 *   config_load_file(c, "mindee-batch.ini", &errors);
 *   config_set(c, "limits.uploads=8", &errors);            what follows -s
 *   config_check(c, &errors);                              what concerns several options
 *   if (errors.count) -> print them all, exit 2
 *   const struct settings *s = config_settings(c);         s->limits.uploads
 *
 * The command line goes before the file, the file before the environment, whatever the order of the
 * calls. Paths: a relative path in an INI file is relative to the directory of that file, so that a
 * file means the same wherever the program is started; on the command line, and where the default
 * holds (mindee-results), it is relative to the current directory. "~/" is the home directory.
 *
 * An empty value takes an option back to "not set" where not being set is possible ("none" does so
 * for numbers), and empties a list. In an INI file a line holds at most 199 bytes; a longer value
 * goes on in the next lines, indented: lists go on with their next item, texts with a space
 * between, paths, URLs and secrets without anything between. " ;" starts a comment.
 *
 * Functions that take a struct error_list return 0, or ERR_USAGE (ERR_IO: a file that can't be
 * read) and have added one or more errors, each one sentence with its place and the way out. No
 * error shows a secret. Strings belong to the config and live until it is freed or the option is
 * set again.
 */
#ifndef MB_CONFIG_CONFIG_H
#define MB_CONFIG_CONFIG_H

#include "base/buffer.h"
#include "config/error_list.h"
#include "config/settings.h"

#include <stdbool.h>
#include <stdint.h>

struct config;

struct config *config_new(void);
void config_free(struct config *c);

/* An INI file. Everything that is right in it is taken, everything that is wrong is collected with
 * file and line. */
MUST_CHECK int config_load_file(struct config *c, const char *path, struct error_list *errors);
/* $MINDEE_V2_API_KEY, $MINDEE_V2_BASE_URL, $MINDEE_V2_API_HOST (a bare host
 * becomes https://host). */
MUST_CHECK int config_load_environment(struct config *c, struct error_list *errors);
/* "section.key=value", as after -s. */
MUST_CHECK int config_set(struct config *c, const char *assignment, struct error_list *errors);
/* The same, and what may differ by batch is set for batch NAME alone (of --batch NAME -s ...);
 * NULL: config_set. */
MUST_CHECK int config_set_batch(struct config *c, const char *name, const char *assignment,
                                struct error_list *errors);
/* Whether ASSIGNMENT is of a secret, which must not stand where the process list shows it: the name
 * of that option, or NULL. */
const char *config_names_secret(const char *assignment);
/* What concerns several options, or the world: api.key with api.key_file, plain http only for
 * loopback, a webhook.listen without a secret, a batch that no file has. Not that a key or a model
 * is there: not every command needs them. */
MUST_CHECK int config_check(const struct config *c, struct error_list *errors);

/* ---- batches: the sections [batch.NAME], in the file's order ----
 *
 * Inside stand the options that may differ by batch, under their full names or a short one:
 * directory (input.directory), model (api.model_id), product (api.product), output
 * (output.directory), schedule (schedule.when), watch (watch.enabled). The plain sections hold for
 * all batches that don't say otherwise; a value of -s, for one batch or for all, goes before the
 * file's. -s batch.NAME.key=value is of one batch, too.
 *
 * A batch is a whole configuration: config_settings gives its own, with what holds for all. It belongs to C. Without such sections there are no batches,
 * and C itself is what runs. */
size_t config_batch_count(const struct config *c);
const char *config_batch_name(const struct config *c, size_t i);
struct config *config_batch(const struct config *c, size_t i);
/* The one of that NAME: its index, or -1. */
int config_batch_find(const struct config *c, const char *name);
/* The same; -1 and an error with the nearest name, or those there are.
 * WHERE begins it: "--batch". */
int config_batch_named(const struct config *c, const char *name, const char *where,
                       struct error_list *errors);

/* Whether every option says the same in both, secrets too, wherever it stands. */
bool config_same(const struct config *a, const struct config *b);

/* The values themselves are fields: config_settings (settings.h). What follows speaks of an option by its
 * field, SETTING(api.timeout). */

/* Whether file, environment or command line gave a value. */
bool config_is_set(const struct config *c, size_t field);
/* "default", "mindee-batch.ini:12", "-s", "$MINDEE_V2_API_KEY". */
const char *config_origin(const struct config *c, size_t field);
/* "api.timeout" */
const char *config_name(size_t field);
/* Its value as it was given, paths resolved; NULL if not set. */
const char *config_value(const struct config *c, size_t field);

/* The API key: api.key or the first line of api.key_file, whichever was given nearer to the command
 * line. NULL and E if there is none or it can't be a key. Warns in the log of a key file that
 * anybody may read. The text is the config's, until the next call or config_free. */
const char *config_api_key(struct config *c, struct error *e);

/* webhook.listen, or NULL where it is "off". */
const char *config_webhook_listen(const struct config *c);

/* The webhooks' signing secrets, NULL-ended: webhook.secret and each line of webhook.secret_file
 * that isn't empty, together, so that a new one can be added before the old one goes. NULL and E if
 * there is none, or the file can't be used. Warns like config_api_key. The texts are the config's,
 * until the next call or config_free. */
const char *const *config_webhook_secrets(struct config *c, struct error *e);

/* The `config` command: every option, its value (of a secret only that it is set), where it came
 * from, in columns; then each batch with what it has of its own. Of a batch: every option as it
 * holds there. */
void config_print(const struct config *c, struct buffer *out);
/* Every option with its values, default and help, from the table alone. */
void config_help(struct buffer *out); /* for --help */
/* What there is to say of [batch.NAME], a paragraph: once for all that print the table. */
void config_batches_text(struct buffer *out);
void config_example(struct buffer *out); /* an INI file with every option, commented out */

#endif
