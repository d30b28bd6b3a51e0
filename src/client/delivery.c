/* See delivery.h. The first row that fits decides; the last one fits all.
 *
 * The rows say, in words: an upload that got a job id was accepted, however early. One that was
 * refused in so many words wasn't: any 4xx but 408 and any 503, or another 5xx with Mindee's own
 * error body, even if it came while the body was still going out. 408, 502, 504 and 520 to 529 are
 * a gateway's: they say nothing about what Mindee did. A 2xx without a job id says that somebody
 * took it. What a server turned away unread wasn't sent, in its own words. For the rest our own count
 * decides: incomplete is not sent, complete is in doubt. */
#include "client/delivery.h"

enum tri { NO, YES, ANY };
enum body { OTHER = DELIVERY_BODY_OTHER, EXPECTED, PROBLEM, ANY_BODY };

static const struct row {
    enum tri upload, complete, on_wire, whole;
    int status_from, status_to; /* 0, 0: any */
    enum body body;
    enum mindee_delivery is;
} table[] = {
    /* upload complete on_wire whole  status    body */
    {ANY, ANY, NO, ANY, 0, 0, ANY_BODY, MINDEE_NOT_SENT},
    {NO, YES, YES, ANY, 0, 0, ANY_BODY, MINDEE_ANSWERED},
    {NO, NO, YES, ANY, 0, 0, ANY_BODY, MINDEE_IN_DOUBT},
    {YES, YES, YES, ANY, 200, 299, EXPECTED, MINDEE_ANSWERED},
    {YES, ANY, YES, ANY, 200, 299, ANY_BODY, MINDEE_IN_DOUBT},
    {YES, YES, YES, NO, 408, 408, ANY_BODY, MINDEE_NOT_SENT},
    {YES, YES, YES, YES, 408, 408, ANY_BODY, MINDEE_IN_DOUBT},
    {YES, YES, YES, ANY, 400, 499, ANY_BODY, MINDEE_ANSWERED},
    {YES, YES, YES, ANY, 503, 503, ANY_BODY, MINDEE_ANSWERED},
    {YES, YES, YES, NO, 502, 502, ANY_BODY, MINDEE_NOT_SENT},
    {YES, YES, YES, YES, 502, 502, ANY_BODY, MINDEE_IN_DOUBT},
    {YES, YES, YES, NO, 504, 504, ANY_BODY, MINDEE_NOT_SENT},
    {YES, YES, YES, YES, 504, 504, ANY_BODY, MINDEE_IN_DOUBT},
    {YES, YES, YES, NO, 520, 529, ANY_BODY, MINDEE_NOT_SENT},
    {YES, YES, YES, YES, 520, 529, ANY_BODY, MINDEE_IN_DOUBT},
    {YES, YES, YES, ANY, 500, 599, PROBLEM, MINDEE_ANSWERED},
    {YES, ANY, YES, NO, 0, 0, ANY_BODY, MINDEE_NOT_SENT},
    {YES, ANY, YES, YES, 0, 0, ANY_BODY, MINDEE_IN_DOUBT},
};

static bool fits(enum tri wanted, bool is)
{
    return wanted == ANY || (wanted == YES) == is;
}

enum mindee_delivery delivery_of(const struct delivery_facts *f)
{
    bool complete = f->end == TRANSFER_COMPLETE;
    if (f->end == TRANSFER_TURNED_AWAY)
        return MINDEE_NOT_SENT;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        const struct row *row = &table[i];
        if (fits(row->upload, f->upload) && fits(row->complete, complete) &&
            fits(row->on_wire, f->on_wire) && fits(row->whole, f->body_sent_whole) &&
            (!row->status_to || (f->status >= row->status_from && f->status <= row->status_to)) &&
            (row->body == ANY_BODY || (int)row->body == (int)f->body))
            return row->is;
    }
    require_failed("the table covers everything", __FILE_NAME__, __LINE__);
}

enum mindee_fault delivery_fault(const struct delivery_facts *f)
{
    switch (f->end) {
    case TRANSFER_COMPLETE:
        return f->status >= 400 && f->status <= 599 ? MINDEE_OK
               : f->body == DELIVERY_BODY_EXPECTED  ? MINDEE_OK
                                                    : MINDEE_UNEXPECTED;
    case TRANSFER_CONNECT:
        return MINDEE_CONNECT;
    case TRANSFER_BROKEN:
        return MINDEE_BROKEN;
    case TRANSFER_TIMEOUT:
        return MINDEE_TIMEOUT;
    case TRANSFER_TOO_LARGE:
        return MINDEE_TOO_LARGE;
    case TRANSFER_TURNED_AWAY:
        return MINDEE_TURNED_AWAY;
    case TRANSFER_SOURCE_CHANGED:
        return MINDEE_SOURCE_CHANGED;
    case TRANSFER_SOURCE_ERROR:
        return MINDEE_SOURCE_ERROR;
    case TRANSFER_SOURCE_AWAY:
        return MINDEE_SOURCE_AWAY;
    case TRANSFER_CANCELLED:
        return MINDEE_CANCELLED;
    }
    require_failed("a known end of a transfer", __FILE_NAME__, __LINE__);
}
