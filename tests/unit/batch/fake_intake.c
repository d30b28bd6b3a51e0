/* See fake_intake.h. */
#include "fake_intake.h"

#include "base/list.h"
#include "record.h"

#include <stdlib.h>

struct intake_walk {
    struct intake_walk_callbacks callbacks;
    void *ctx;
    struct left_out left_out;
};

/* A file that was asked about; one of the two callbacks is set. */
struct asked {
    struct list node; /* of files */
    void (*examined)(void *ctx, const struct examined *result);
    void (*counted)(void *ctx, int pages);
    void *ctx;
};

static struct intake_walk *open_walk;
static struct list files = {&files, &files};

/* --- the walk --- */

struct intake_walk *intake_walk_new(struct loop *loop, const struct intake_walk_options *options,
                                    const struct intake_root *roots, size_t count,
                                    const struct intake_walk_callbacks *callbacks, void *ctx)
{
    (void)loop, (void)roots;
    REQUIRE(open_walk == NULL);
    record("walk_new roots=%zu directories=%d", count, options->directories);
    open_walk = xcalloc(1, sizeof *open_walk);
    *open_walk = (struct intake_walk){.callbacks = *callbacks, .ctx = ctx};
    return open_walk;
}

const struct left_out *intake_walk_left_out(const struct intake_walk *walk)
{
    REQUIRE(walk == open_walk);
    return &walk->left_out;
}

void intake_walk_more(struct intake_walk *walk)
{
    REQUIRE(walk == open_walk);
    record("walk_more");
}

void intake_walk_close(struct intake_walk *walk)
{
    REQUIRE(walk == open_walk);
    record("walk_close");
    free(walk);
    open_walk = NULL;
}

void fake_walk_entries(struct intake_entry *entries, size_t count)
{
    REQUIRE(open_walk != NULL);
    open_walk->callbacks.entries(open_walk->ctx, entries, count);
}

void fake_walk_leaves_out(int count)
{
    REQUIRE(open_walk != NULL);
    open_walk->left_out.by[LEFT_OUT_EXCLUDED] += count;
}

void fake_walk_done(void)
{
    REQUIRE(open_walk != NULL);
    open_walk->callbacks.done(open_walk->ctx);
}

bool fake_walk_is_open(void)
{
    return open_walk != NULL;
}

/* --- single files --- */

static struct asked *ask(void *ctx)
{
    struct asked *a = xcalloc(1, sizeof *a);
    a->ctx = ctx;
    list_push_back(&files, &a->node);
    return a;
}

void intake_examine(struct loop *loop, const char *path, unsigned flags,
                    void (*cb)(void *ctx, const struct examined *result), void *ctx)
{
    (void)loop;
    record("examine %s flags=%u", path, flags);
    ask(ctx)->examined = cb;
}

void intake_count_pages(struct loop *loop, const char *path, enum file_type type,
                        void (*cb)(void *ctx, int pages), void *ctx)
{
    (void)loop;
    record("count_pages %s type=%d", path, (int)type);
    ask(ctx)->counted = cb;
}

size_t fake_intake_asked(void)
{
    size_t count = 0;
    LIST_EACH (node, &files)
        count++;
    return count;
}

static struct asked take_oldest(void)
{
    REQUIRE(!list_empty(&files));
    struct asked *first = LIST_ENTRY(list_first(&files), struct asked, node);
    const struct asked a = *first;
    list_remove(&first->node);
    free(first);
    return a;
}

void fake_examined(const struct examined *x)
{
    const struct asked a = take_oldest();
    REQUIRE(a.examined != NULL);
    a.examined(a.ctx, x);
}

void fake_counted(int pages)
{
    const struct asked a = take_oldest();
    REQUIRE(a.counted != NULL);
    a.counted(a.ctx, pages);
}
