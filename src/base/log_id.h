/* log_id.h - the MESSAGE_ID by which the journal knows an event: fixed for its name, in any version and on any machine. */
#ifndef MB_BASE_LOG_ID_H
#define MB_BASE_LOG_ID_H

enum { LOG_ID_TEXT = 33 }; /* 32 hex digits, as journalctl takes them */

/* Returns OUT. */
const char *log_event_id(const char *event, char out[LOG_ID_TEXT]);

#endif
