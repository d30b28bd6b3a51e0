/* fake_call.h - one request of the fake client on its way. For fake_mindee.c, fake_upload.c and
 * fake_get.c. */
#ifndef MB_SIM_FAKE_CALL_H
#define MB_SIM_FAKE_CALL_H

#include "durable.h"
#include "virtual_loop.h"
#include "world.h"

#include "base/list.h"

#include <mindee.h>

enum { FAKE_LINGER_MS = 4900 }; /* how long a request may take to arrive after its client is gone */
#define FAKE_RESULTS "https://api-v2.mindee.net/v2/products/extraction/results/"

enum call_kind { CALL_ENQUEUE, CALL_JOB, CALL_RESULT, CALL_MODELS };
extern const char *const call_kind_names[];
enum call_phase {
    PHASE_UNSENT,   /* decided: it never reaches the wire */
    PHASE_DOOMED,   /* decided: it is on the wire and won't arrive whole */
    PHASE_ON_WAY,   /* will arrive when the timer fires */
    PHASE_ANSWERED, /* the server has decided */
};

struct mindee_client {
    struct world *world;
    int ledger;
    struct loop *loop;
    struct durable *durable;
    struct list calls;
    struct loop_timer *timer; /* of closing */
    bool closing;
    bool accepted;  /* an answer to an upload could be read */
    int unreadable; /* 202s since then that couldn't */
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct call {
    struct list node;
    struct mindee_client *client;
    enum call_kind kind;
    enum call_phase phase;
    bool cancelled;
    mindee_cb cb;
    void *ctx;
    struct loop_timer *timer;

    struct sim_post post; /* document: also of the others */
    char path[300];
    struct mindee_file_stamp stamp;
    char job_id[64];
    bool foreign; /* a result's URL of another origin */

    enum mindee_fault fault; /* decided */
    enum sim_outage_kind outage;
    bool in_outage;
    enum sim_verdict verdict;
    int status;
    struct sim_job *job;
};

int64_t call_now(const struct call *c);
int64_t call_travel_ms(struct call *c);
void call_in(struct call *c, int64_t ms); /* its timer */
/* Calls back, and frees the call. */
void call_answer(struct call *c, struct mindee_response *r);
/* The client knows nothing of it any more. */
void call_arrives_late(struct call *c, int64_t at_ms);

void upload_begins(struct call *c);
void upload_goes_on(struct call *c);
void get_begins(struct call *c);
void get_goes_on(struct call *c);
/* What has been decided is answered. */
void get_answer_now(struct call *c);
/* What a GET does at the server when it arrives. */
void get_arrives(struct call *c, int64_t at_ms);

#endif
