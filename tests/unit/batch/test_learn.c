/* What the poll planner learned, into the ledger and back. */
#include "batch/learn.h"

#include "fake_notes.h"
#include "ledger/learned.h"
#include "ledger/sent_settings.h"
#include "part_fixture.h"

#include <sqlite3.h>
#include <string.h>

/* --- a planner whose memory a test sees through --- */

static int news[POLL_SIZE_CLASSES]; /* bytes that are new of each kind */
static int asked;                   /* poll_planner_remember's calls */

size_t poll_planner_remember(struct poll_planner *p, int size_class, uint8_t out[POLL_MEMORY_BYTES])
{
    (void)p;
    asked++;
    memset(out, 'a' + size_class, (size_t)news[size_class]);
    return (size_t)news[size_class];
}

void poll_planner_recall(struct poll_planner *p, int size_class, const void *bytes, size_t len)
{
    (void)p;
    record("recall kind=%d %.*s", size_class, (int)len, (const char *)bytes);
}

/* The rest of poll_planner.h that is linked. */
struct poll_planner *poll_planner_new_fixed(int64_t first_delay_ms, int64_t interval_ms)
{
    (void)first_delay_ms, (void)interval_ms;
    return NULL;
}

void poll_planner_free(struct poll_planner *p)
{
    (void)p;
}

/* --- */

struct scene {
    struct part part;
    struct journal *journal;
    struct learn *learn;
};

static void scene_open(struct scene *s)
{
    memset(news, 0, sizeof news);
    asked = 0;
    part_open(&s->part);
    s->journal = journal_new(&s->part.context, s->part.ending);
    s->learn = learn_new(&s->part.context, s->journal);
}

static void scene_close(struct scene *s)
{
    learn_free(s->learn);
    journal_free(s->journal);
    part_close(&s->part);
}

static void before_commit(struct scene *s)
{
    learn_before_commit(s->learn, part_now(&s->part));
}

static void it_is_saved_every_15_seconds(void **state)
{
    struct scene s;
    (void)state;
    scene_open(&s);
    news[0] = 17;
    before_commit(&s); /* the run has just begun */
    part_pass(&s.part, 14999);
    before_commit(&s);
    assert_recorded("");
    part_pass(&s.part, 1);
    before_commit(&s);
    assert_recorded("learned kind=0 bytes=17\n");
    part_pass(&s.part, 14999);
    before_commit(&s);
    assert_recorded("");
    part_pass(&s.part, 5000); /* no commit came just then */
    before_commit(&s);
    assert_recorded("learned kind=0 bytes=17\n");
    scene_close(&s);
}

static void only_what_is_new_is_saved(void **state)
{
    struct scene s;
    (void)state;
    scene_open(&s);
    news[1] = 3;
    news[5] = 1024;
    learn_save(s.learn);
    assert_int_equal(asked, 6);
    assert_recorded("learned kind=1 bytes=3\nlearned kind=5 bytes=1024\n");
    scene_close(&s);
}

static void the_end_saves_whenever_it_is(void **state)
{
    struct scene s;
    (void)state;
    scene_open(&s);
    news[2] = 4;
    part_pass(&s.part, 15000);
    before_commit(&s);
    learn_save(s.learn);
    assert_recorded("learned kind=2 bytes=4\nlearned kind=2 bytes=4\n");
    scene_close(&s);
}

/* It isn't worth a line among what has to be written again. */
static void nothing_is_saved_while_the_journal_is_down(void **state)
{
    struct scene s;
    (void)state;
    scene_open(&s);
    news[0] = 17;
    part_pass(&s.part, 20000);
    s.journal->down = true;
    before_commit(&s);
    assert_recorded("");
    assert_int_equal(asked, 0);
    s.journal->down = false;
    before_commit(&s); /* and its time hasn't passed unused */
    assert_recorded("learned kind=0 bytes=17\n");
    scene_close(&s);
}

static void put(struct scene *s, int64_t settings, int kind, const char *text)
{
    struct ledger *l = s->part.context.ledger;
    assert_ok(l, ledger_learned_put(l, settings, kind, text, strlen(text)));
}

static void it_comes_back_by_settings_and_kind(void **state)
{
    const struct ledger_settings other = {"ocr", "model-2", "{}"};
    struct scene s;
    int64_t other_id;
    (void)state;
    scene_open(&s);
    struct ledger *l = s.part.context.ledger;
    assert_ok(l, ledger_settings_put(l, &other, &other_id));
    put(&s, s.part.context.settings_id, 4, "large");
    put(&s, s.part.context.settings_id, 0, "small");
    put(&s, other_id, 1, "another model's");
    learn_recall(s.learn);
    assert_recorded("recall kind=0 small\nrecall kind=4 large\n");
    scene_close(&s);
}

static void what_is_too_long_is_learned_again(void **state)
{
    char text[1026];
    struct scene s;
    (void)state;
    memset(text, 'x', 1025);
    text[1025] = '\0';
    scene_open(&s);
    put(&s, s.part.context.settings_id, 0, text);
    put(&s, s.part.context.settings_id, 1, "fits");
    learn_recall(s.learn);
    assert_recorded("recall kind=1 fits\n");
    scene_close(&s);
}

static void what_cannot_be_read_is_learned_again(void **state)
{
    struct scene s;
    sqlite3 *db;
    (void)state;
    scene_open(&s);
    assert_int_equal(sqlite3_open(s.part.options.ledger, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "DROP TABLE learned", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    part_log(&s.part, LOG_WARNING);
    learn_recall(s.learn);
    const char *line = part_log_take(&s.part);
    for (int kind = 0; kind < 6; kind++) {
        assert_int_equal(strncmp(line, "warning what earlier runs learned about waiting ", 48), 0);
        assert_non_null(
            strstr(line, "; how long Mindee takes is learned again [learned.unread]\n"));
        line = strchr(line, '\n') + 1;
    }
    assert_string_equal(line, "");
    assert_recorded("");
    assert_false(ending_has_begun(s.part.ending));
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_saved_every_15_seconds),
        cmocka_unit_test(only_what_is_new_is_saved),
        cmocka_unit_test(the_end_saves_whenever_it_is),
        cmocka_unit_test(nothing_is_saved_while_the_journal_is_down),
        cmocka_unit_test(it_comes_back_by_settings_and_kind),
        cmocka_unit_test(what_is_too_long_is_learned_again),
        cmocka_unit_test(what_cannot_be_read_is_learned_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
