/* See reconcile.h. A commit writes the book first, and then the ledger. If it ends in between, the
 * book is one turn ahead: files whose documents the ledger never heard of, and files that it doesn't
 * count. Both databases count the turns that changed both, so that this is noticed. The files that
 * are ahead are taken out again (their walk finds them anew), what had made room for them is put
 * back, and how many files each document has is counted.
 *
 * A book that is further ahead, or behind, is another backup's: nothing can be said then of what was
 * sent from where, and nothing is. */
#include "ledger/reconcile.h"

#include "base/text.h"

int reconcile_note_turn(struct ledger *l)
{
    if (!l->linked)
        return 0;
    int err = database_run(&l->db, "UPDATE book SET turn = turn + 1", NO_VALUES);
    if (!err)
        err = database_run(&l->db, "UPDATE meta SET turn = turn + 1", NO_VALUES);
    if (!err)
        l->linked = false;
    return err;
}

/* What made room for a file that is taken out is what it was. */
static int put_back(struct ledger *l)
{
    return database_run(&l->db,
                        "UPDATE file SET life = n.replaces < 0, name = file.base, base = NULL,"
                        " name_key = n.name_key,"
                        " stands = CASE WHEN file.stands = file.base THEN NULL ELSE file.stands END"
                        " FROM file n WHERE abs(n.replaces) = file.id AND n.name = file.base"
                        " AND n.document NOT IN (SELECT id FROM document)",
                        NO_VALUES);
}

static int take_out(struct ledger *l)
{
    int err = put_back(l);
    if (!err)
        err = database_run(
            &l->db, "DELETE FROM file WHERE document NOT IN (SELECT id FROM document)", NO_VALUES);
    if (!err)
        err = database_run(
            &l->db, "DELETE FROM unprojected WHERE file NOT IN (SELECT id FROM file)", NO_VALUES);
    if (!err)
        err = database_run(&l->db, "DELETE FROM move WHERE file NOT IN (SELECT id FROM file)",
                           NO_VALUES);
    return err ? err : database_run(&l->db, "DELETE FROM number", NO_VALUES);
}

/* The first document after AFTER that has another number of files than it says: 1, or 0. */
static int next_wrong(struct ledger *l, int64_t *id, int64_t *files)
{
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT d.id, (SELECT count(*) FROM file f WHERE f.document = d.id AND f.life <> 2) AS n"
        " FROM document d WHERE d.id > ? AND n <> d.files ORDER BY d.id LIMIT 1",
        VALUES(V_INT(*id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    *id = column_int(s, 0);
    *files = column_int(s, 1);
    database_end(s);
    return 1;
}

static int count_files(struct ledger *l)
{
    int64_t id = 0, files = 0;
    int n;
    while ((n = next_wrong(l, &id, &files)) == 1) {
        struct document_row before, after;
        int err = row_load(l, id, &before);
        if (err)
            return err;
        after = before;
        after.files = (int)files;
        err = row_save(l, &before, &after);
        if (err)
            return err;
    }
    if (n < 0)
        return n;
    n = database_number(&l->db, "SELECT count(*) FROM file WHERE life <> 2", NO_VALUES,
                        &l->totals.n[COUNT_FILES]);
    return n < 0 ? n : 0;
}

static int mend(struct ledger *l)
{
    int err = database_write(&l->db);
    if (!err)
        err = take_out(l);
    if (!err)
        err = count_files(l);
    if (!err) /* the ledger's first: it is what may be behind */
        err = database_run(&l->db, "UPDATE meta SET turn = (SELECT turn FROM book)", NO_VALUES);
    if (!err)
        err = database_write_deferred(&l->db);
    if (!err)
        err = totals_save(l);
    if (!err)
        err = database_commit(&l->db);
    if (!err)
        l->committed = l->totals;
    l->linked = false;
    return err;
}

int reconcile(struct ledger *l)
{
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT b.ledger_id <> m.ledger_id, b.turn - m.turn, b.folds"
                                     " FROM book b, meta m",
                                     NO_VALUES);
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n < 0)
        return n;
    bool other = n == 0 || column_int(s, 0) != 0;
    int64_t ahead = n == 1 ? column_int(s, 1) : 0;
    l->place = naming_place_of(n == 1 ? column_int(s, 2) : 0);
    if (n == 1)
        database_end(s);
    bool live = l->read_only && ahead >= -2 && ahead <= 2; /* a run is between two commits */
    if (other || (!live && (ahead < 0 || ahead > 1)))
        return database_refuse(&l->db, ERR_DAMAGED,
                               "%s and its file book, %s.files, don't belong together: put both "
                               "back from the same backup",
                               text_show(l->db.path), text_show(l->db.path));
    return ahead && !l->read_only ? mend(l) : 0;
}
