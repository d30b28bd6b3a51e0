/* journal_log.h - the log where systemd's journal takes standard error: each event with its fields, so that
 * `journalctl MB_DOC=17` finds what happened to a document, and an id for the kind of event. */
#ifndef MB_SERVICE_JOURNAL_LOG_H
#define MB_SERVICE_JOURNAL_LOG_H

#include "base/log.h"

/* $JOURNAL_STREAM names what standard error is. */
bool journal_log_is_there(void);
/* For log_options.journal: MESSAGE (TEXT), PRIORITY, MESSAGE_ID, SYSLOG_IDENTIFIER, MB_EVENT, and MB_<KEY> for each field
 * that says something. False: the journal didn't take it. */
bool journal_log_send(enum log_level level, const char *event, const char *text,
                      const struct log_field *fields, size_t count);

#endif
