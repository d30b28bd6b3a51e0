/* document_words.h - what happened to a document, in words for people: the log says them, and
 * `explain`. Programs read doc_event_names. */
#ifndef MB_CORE_DOCUMENT_WORDS_H
#define MB_CORE_DOCUMENT_WORDS_H

#include "core/document.h"

/* "Mindee took it" for EV_ACCEPTED; never "". */
const char *doc_event_words(enum doc_event_kind kind);

/* Where a document is: "being uploaded" for DOC_SUBMITTING. */
const char *doc_state_words(enum doc_state state);

#endif
