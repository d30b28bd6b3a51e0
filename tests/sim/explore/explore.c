/* explore - every order of events in one document's life.
 *
 *   explore [--attempts N] [--states N]     under each of the rules below
 *   explore --replay FILE                   a failing order again, step by step
 *
 * Breadth first from a queued document, so that the first failing order found is one of the
 * shortest. In each state the promises are checked (promises.h), and whether a quiet finish brings
 * the document to an end. What src/batch does is told again in driver.c, over the real machine.
 *
 * What is bounded, and why:
 * - uploads: N (2, in ctest and by default; 3 in `./dev soak`). The machine looks back no farther
 *   than "an older attempt", so that a third shows what a second can't: an older one of an older one;
 * - retry.max_attempts: 2, and retry.max_resends: 1, or no order with few uploads would use them up;
 * - states: as many as --states says, 30 million by default, for the memory's sake (90 bytes each).
 *   What is cut off is said, and fails;
 * - one webhook of a kind for each job, but any number of times; a webhook whose alias is missing,
 *   other ledgers' webhooks, and documents of other settings are left to the simulator;
 * - delays: none. What waits for its time may come next, so every order of timers is there. */
#include "promises.h"
#include "script.h"

#include "base/hash.h"
#include "base/hash_set.h"
#include "base/require.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct node {
    struct life life;
    struct move how; /* it was come to, from */
    uint32_t from;
};

enum { CHUNK = 1 << 16, MOST_CHUNKS = 1 << 12 };

struct search {
    const struct rules *rules;
    struct node *chunks[MOST_CHUNKS];
    size_t count, most;
    struct hash_set seen; /* of struct node * */
    uint64_t transitions;
    bool cut;
};

static const void *node_life(const void *entry)
{
    const struct node *const *node = entry;
    return *node ? &(*node)->life : NULL;
}

static uint64_t life_hash(const void *life)
{
    uint64_t words[(sizeof(struct life) + 7) / 8] = {0};
    memcpy(words, life, sizeof(struct life));
    return hash_words(0, words, sizeof words / sizeof *words);
}

static bool same_life(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct life)) == 0;
}

static const struct hash_set_kind nodes = {sizeof(struct node *), node_life, life_hash, same_life};

static struct node *node_at(const struct search *s, size_t i)
{
    return &s->chunks[i / CHUNK][i % CHUNK];
}

/* True: it wasn't known yet. */
static bool remember(struct search *s, const struct life *life, struct move how, size_t from)
{
    if (s->count >= s->most) {
        s->cut = s->cut || !hash_set_find(&s->seen, &nodes, life);
        return false;
    }
    struct node **place = hash_set_put(&s->seen, &nodes, life);
    REQUIRE(place != NULL);
    if (*place)
        return false;
    if (!s->chunks[s->count / CHUNK])
        s->chunks[s->count / CHUNK] = xcalloc(CHUNK, sizeof(struct node));
    *place = node_at(s, s->count);
    **place = (struct node){.life = *life, .how = how, .from = (uint32_t)from};
    s->count++;
    return true;
}

/* --- a failing order --- */

static void print_way(const struct search *s, size_t to)
{
    if (to == 0)
        return;
    print_way(s, node_at(s, to)->from);
    script_print_move(node_at(s, to)->how, stdout);
}

/* From the first state to AT, then LAST (NULL: none) and FINISH. */
static void report(const struct search *s, size_t at, const struct move *last,
                   const struct move *finish, int count, const struct complaint *c)
{
    printf("# %s\n", c->text);
    script_print_rules(s->rules, stdout);
    print_way(s, at);
    if (last)
        script_print_move(*last, stdout);
    for (int i = 0; i < count; i++) {
        if (i == 0)
            printf("# and from here on nothing goes wrong\n");
        script_print_move(finish[i], stdout);
    }
}

/* --- the walk --- */

static bool make_one(struct search *s, size_t at, struct move m)
{
    struct complaint c = {0};
    struct life next;
    struct move finish[QUIET_MOVES];
    int count = 0;
    const struct life *life = &node_at(s, at)->life;
    if (!move_is_possible(s->rules, life, m))
        return true;
    move_make(s->rules, life, m, &next, &c);
    promises_check(s->rules, &next, &c);
    s->transitions++;
    if (!c.text[0] && remember(s, &next, m, at))
        promises_check_quiet_finish(s->rules, &next, &c, finish, &count);
    if (!c.text[0])
        return true;
    report(s, at, &m, finish, count, &c);
    return false;
}

static bool make_all(struct search *s, size_t at)
{
    for (int kind = 0; kind < MOVE_COUNT; kind++) {
        bool of_attempt = move_is_of_attempt((enum move_kind)kind);
        int attempts = node_at(s, at)->life.turn.attempt;
        for (int attempt = of_attempt; attempt <= (of_attempt ? attempts : 0); attempt++)
            if (!make_one(s, at, (struct move){(uint8_t)kind, (uint8_t)attempt}))
                return false;
    }
    return true;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* True: every promise is kept in every state. */
static bool explore(const struct rules *rules, size_t most)
{
    struct search *s = xcalloc(1, sizeof *s);
    struct life first = life_at_first();
    double began = seconds();
    bool good = true;
    s->rules = rules;
    s->most = most;
    remember(s, &first, (struct move){0}, 0);
    for (size_t at = 0; at < s->count && good; at++)
        good = make_all(s, at);
    fprintf(stderr, "%zu states, %llu transitions, %.1f s: ", s->count,
            (unsigned long long)s->transitions, seconds() - began);
    script_print_rules(rules, stderr);
    if (s->cut)
        fprintf(stderr, "there are more states than --states allows\n");
    good = good && !s->cut;
    for (size_t i = 0; i < MOST_CHUNKS; i++)
        free(s->chunks[i]);
    hash_set_release(&s->seen);
    free(s);
    return good;
}

/* With webhooks every order without them is there too, but for what a restart does with a doubt;
 * with a user every order without one, but hold promises more there. */
static bool explore_all(int attempts, size_t most)
{
    static const struct rules all[] = {
        {.resend = false, .webhooks = false, .user = false},
        {.resend = false, .webhooks = true, .user = false},
        {.resend = true, .webhooks = false, .user = true},
        {.resend = false, .webhooks = true, .user = true},
        {.resend = true, .webhooks = true, .user = true},
        {.resend = true, .webhooks = true, .user = true, .trusting = true},
    };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct rules rules = all[i];
        rules.attempts = attempts;
        if (!explore(&rules, most))
            return false;
    }
    return true;
}

/* --- the command line --- */

static int replay(const char *name)
{
    FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    if (!in) {
        fprintf(stderr, "explore: %s can't be opened\n", name);
        return 2;
    }
    int rc = script_replay(in, name, stdout);
    fclose(in);
    return rc;
}

static int usage(void)
{
    fprintf(stderr, "explore [--attempts 1..%d] [--states N] | --replay FILE\n", LIFE_ATTEMPTS);
    return 2;
}

int main(int argc, char **argv)
{
    int attempts = 2;
    size_t most = 30u * 1000 * 1000;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--replay") == 0)
            return replay(argv[i + 1]);
        if (strcmp(argv[i], "--attempts") == 0)
            attempts = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--states") == 0)
            most = (size_t)strtoull(argv[i + 1], NULL, 10);
        else
            return usage();
    }
    if (argc % 2 == 0 || attempts < 1 || attempts > LIFE_ATTEMPTS ||
        most > (size_t)CHUNK * MOST_CHUNKS)
        return usage();
    return explore_all(attempts, most) ? 0 : 1;
}
