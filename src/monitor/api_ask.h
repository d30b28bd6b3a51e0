/* api_ask.h - what a request below /api/v1/ asks for. */
#ifndef MB_MONITOR_API_ASK_H
#define MB_MONITOR_API_ASK_H

#include "ledger/document_list.h"
#include "net/http_server.h"

enum api_place {
    API_NOWHERE,
    API_STATUS,
    API_DOCUMENTS,
    API_DOCUMENT,
    API_FAILURES, /* nobody asks for these alone */
};

struct api_ask {
    enum api_place place;
    bool live;
    struct ledger_document_ask documents;
    char *text; /* of that, owned; NULL: none */
    int limit;
    int64_t document;
};

/* 0; API_NOWHERE: not the API's. Else the answer's status, and WHY. */
int api_ask_read(struct api_ask *ask, const struct http_request *r, const char **why);
void api_ask_release(struct api_ask *ask);

#endif
