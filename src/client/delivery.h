/* delivery.h - what is known of a request's fate: the rule about doubt, as one pure table.
 *
 * An upload costs money once Mindee has taken it, and nobody can be asked afterwards whether it
 * did. So whether it may have is decided by what was handed out and what came back, never by an
 * error code. */
#ifndef MB_CLIENT_DELIVERY_H
#define MB_CLIENT_DELIVERY_H

#include "net/transfer.h"

#include <mindee.h>

/* What the answer's body turned out to be. */
enum delivery_body {
    DELIVERY_BODY_OTHER,    /* none, or something else: a gateway's page, half a text */
    DELIVERY_BODY_EXPECTED, /* what the request asks for: of an upload, a job with a usable id */
    DELIVERY_BODY_PROBLEM,  /* Mindee's own error body */
};

struct delivery_facts {
    bool upload; /* a POST that can be charged; else a GET */
    enum transfer_end end;
    bool on_wire;         /* the library was allowed to send */
    bool body_sent_whole; /* the last byte of the request's body was handed out */
    int status;           /* 0 if none came */
    enum delivery_body body;
};

enum mindee_delivery delivery_of(const struct delivery_facts *f);

/* The fault that goes with it. EXPECTED: the body is what a 2xx of this request has. */
enum mindee_fault delivery_fault(const struct delivery_facts *f);

#endif
