/* log_words.h - what the log says to people: the words for each event and each field. A program
 * reads their names (log.format = json), and the text has the event's behind its words. */
#ifndef MB_BASE_LOG_WORDS_H
#define MB_BASE_LOG_WORDS_H

/* "the file stays where it is" for "file.not_moved"; "" where the fields say it all; NULL for an
 * event without words. */
const char *log_event_words(const char *event);

/* The I-th event of the table, 0 first; NULL: there are no more. */
const char *log_event_at(unsigned long i);

/* "document" for "doc"; an underscore of any other is a blank. At most SIZE bytes. Returns OUT. */
const char *log_field_words(const char *key, char *out, unsigned long size);

#endif
