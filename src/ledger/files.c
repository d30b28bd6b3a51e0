/* Files: each coming of a content to a path, and the document that its bytes are.
 *
 * What is found at a path is the file that came there last, or a new one. It is the same file if its
 * bytes are the same and we didn't move it away; nobody knows better where it can't be read. A new
 * file gets the name that its path has: where another one came before it, and wasn't moved by us,
 * that one makes room (`NAME (replaced)`). Where the name is another file's, it waits for a number
 * (names.c), without a name.
 *
 * One content under one set of settings is one document, whatever number of files hold it. A file
 * that could not be read has a rejected document of its own, which goes when the file reads fine.
 *
 * Invariant: a file's row is never used for another content; its document changes only where nothing
 * was paid for. */
#include "ledger/file_row.h"
#include "ledger/names.h"
#include "ledger/sent_settings.h"

#include "base/crash_point.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

/* --- is it the file that was there? --- */

/* It was looked at before our own move took it away: the stamp of what was moved, and no time after
 * it. Where it is now it has another inode, if that is another file system. */
static bool is_an_old_look(const struct ledger_new_file *f, const struct file_row *known)
{
    const struct file_stamp *a = &f->stamp, *b = &known->source;
    return a->inode == b->inode && a->size_bytes == b->size_bytes && a->mtime_ns == b->mtime_ns &&
           a->ctime_ns <= b->ctime_ns;
}

static bool is_same_file(const struct ledger_new_file *f, const struct file_row *known)
{
    if (known->id == 0)
        return false;
    if (f->moved) /* mended there: it was never sent */
        return true;
    if (known->move >= 0 && !is_an_old_look(f, known))
        return false;
    if (f->sha256)
        return known->looks == LOOKS_CONTENT ? memcmp(f->sha256, known->content, SHA256_BYTES) == 0
                                             : known->looks == LOOKS_NEVER;
    return !f->looked_at || known->looks != LOOKS_CONTENT;
}

/* --- its document --- */

/* A rejected document can be sent after all: its file reads fine now, or the rules changed. */
static int queue_again(struct ledger *l, const struct document_row *row)
{
    struct document_row after = *row;
    after.state = DOC_QUEUED;
    after.words = false;
    int err = row_event(l, &after, (enum doc_state)row->state, EV_RETRY, 0, "read_again");
    if (!err)
        err = row_words(l, row->id, NULL, NULL);
    return err ? err : row_save(l, row, &after);
}

/* 1: whatever settings F comes with, its file keeps the document that it has. */
static int keeps_document(struct ledger *l, const struct ledger_new_file *f,
                          const struct document_row *own)
{
    if (row_is_dismissed(own))
        return 1;
    if (!f->sha256)
        return !own->content && own->settings == f->settings_id;
    return own->content ? row_was_accepted(l, own) : 0;
}

/* The document that holds F's content, if one does: 1 and *OUT. OWN: the one that its file has, or
 * 0. It keeps what it was sent with; one that nobody read stays with its file. */
static int find_document(struct ledger *l, const struct ledger_new_file *f, int64_t own,
                         struct document_row *out)
{
    int64_t id = own;
    int n = own ? 1 : 0;
    if (own) {
        int err = row_load(l, own, out);
        int keeps = err ? err : keeps_document(l, f, out);
        if (keeps != 0)
            return keeps;
        n = 0;
    }
    if (f->sha256)
        n = database_number(&l->db, "SELECT id FROM document WHERE sha256 = ? AND settings = ?",
                            VALUES(V_BLOB(f->sha256, SHA256_BYTES), V_INT(f->settings_id)), &id);
    int err = n == 1 ? row_load(l, id, out) : n;
    return err ? err : n;
}

static int make_document(struct ledger *l, const struct ledger_new_file *f, int files,
                         struct document_row *out)
{
    const struct new_document new = {
        .settings = f->settings_id,
        .state = f->reject_code ? DOC_REJECTED : DOC_QUEUED,
        .files = files,
        .sha256 = f->sha256,
        .size = f->stamp.size_bytes,
        .type = f->type,
        .pages = f->pages,
        .broken = f->broken,
        .code = f->reject_code,
        .detail = f->reject_detail,
        .period = f->period,
        .sort_name = f->name,
        .sort_name_len = strlen(f->name),
    };
    return document_new(l, &new, out);
}

/* OWN: the document that the file has; 0: the file is new, and a document that is made for it has it
 * already. */
static int settle_document(struct ledger *l, const struct ledger_new_file *f, int64_t own,
                           enum ledger_put *put, int64_t *id, bool *made)
{
    struct document_row row = {0};
    int n = find_document(l, f, own, &row);
    if (n < 0)
        return n;
    int err = 0;
    *made = n == 0;
    if (n == 0) {
        err = make_document(l, f, own == 0, &row);
        *put = f->reject_code ? PUT_REJECTED : PUT_QUEUED;
    } else if (row.state == DOC_REJECTED && f->reject_code == NULL && !row_is_dismissed(&row)) {
        err = queue_again(l, &row);
        *put = PUT_QUEUED;
    } else {
        if (row.state == DOC_REJECTED && f->reject_code)
            err = row_words(l, row.id, f->reject_code, f->reject_detail);
        bool waits_for_a_file = row.state == DOC_QUEUED && row.files == 0;
        *put = waits_for_a_file ? PUT_QUEUED : row.id == own ? PUT_UNCHANGED : PUT_DUPLICATE;
    }
    *id = row.id;
    return err;
}

/* --- the file that was there --- */

static enum file_looks looks_of(const struct ledger_new_file *f)
{
    return f->sha256 ? LOOKS_CONTENT : f->looked_at ? LOOKS_REFUSED : LOOKS_NEVER;
}

static int note_stamp(struct ledger *l, const struct ledger_new_file *f,
                      const struct file_row *known)
{
    const struct file_stamp *s = &f->stamp;
    return database_run(&l->db,
                        "UPDATE file SET size = ?, mtime = ?, ctime = ?, inode = ?, looks = ?,"
                        " content = ? WHERE id = ?",
                        VALUES(V_INT(s->size_bytes), V_INT(s->mtime_ns), V_INT(s->ctime_ns),
                               V_INT(s->inode), V_INT(looks_of(f)), V_BLOB(f->sha256, SHA256_BYTES),
                               V_INT(known->id)));
}

static int project_if_stored(struct ledger *l, int64_t file, int64_t document)
{
    struct document_row row;
    int err = row_load(l, document, &row);
    return err || row.state != DOC_STORED ? err : projection_want(l, file);
}

/* It comes back after its period was closed without it: it counts in the one of now. */
static int take_into_period(struct ledger *l, int64_t file, const char *period)
{
    return database_run(&l->db, "UPDATE file SET period = ? WHERE id = ?",
                        VALUES(V_TEXT(period), V_INT(file)));
}

static int put_known(struct ledger *l, const struct ledger_new_file *f, struct file_row *known,
                     enum ledger_put *put, int64_t *document_id)
{
    *document_id = known->document;
    *put = PUT_UNCHANGED;
    bool made, old_look = !f->moved && known->move >= 0;
    if (old_look || (!f->sha256 && known->looks == LOOKS_CONTENT))
        return 0; /* nobody knows that it changed */
    int err = settle_document(l, f, known->document, put, document_id, &made);
    CRASH_POINT("file_put_document");
    if (!err)
        err = note_stamp(l, f, known);
    bool other = !err && *document_id != known->document;
    if (other)
        err = file_repoint(l, known->id, known->life != LIFE_LEFT, known->document, *document_id);
    known->document = *document_id;
    bool back = known->life == LIFE_LEFT;
    if (!err && back && known->closed)
        err = take_into_period(l, known->id, f->period);
    if (!err)
        err = file_row_set_life(l, known, LIFE_THERE);
    return err || !(other || back) ? err : project_if_stored(l, known->id, *document_id);
}

/* --- a new one --- */

static int rename_replaced(struct ledger *l, const struct file_row *known, bool stored)
{
    struct buffer name;
    buffer_init(&name, 0);
    int err = names_replaced(l, known->name, &name);
    if (!err)
        err = database_run(&l->db,
                           "UPDATE file SET base = name, stands = CASE WHEN ? THEN"
                           " coalesce(stands, name) ELSE stands END WHERE id = ?",
                           VALUES(V_INT(stored), V_INT(known->id)));
    if (!err)
        err = names_set(l, known->id, buffer_text(&name));
    if (!err && stored)
        err = projection_want(l, known->id);
    buffer_release(&name);
    return err;
}

static int give_name_up(struct ledger *l, const struct file_row *known)
{
    int err = database_run(&l->db,
                           "UPDATE file SET base = coalesce(name, base), name = NULL,"
                           " name_key = NULL, pending = NULL WHERE id = ?",
                           VALUES(V_INT(known->id)));
    return err ? err : names_freed(l);
}

/* KNOWN was replaced, or taken away by others, and something else is at its path. Its name becomes
 * free. What had left the counts stays so; what stays in them may yet get a result (its content comes
 * again elsewhere), and so has a name. */
static int make_room(struct ledger *l, struct file_row *known)
{
    struct document_row row;
    if (known->move >= 0)
        return 0;
    int err = row_load(l, known->document, &row);
    if (err)
        return err;
    bool replaced_before = known->life != LIFE_THERE && known->base && !known->pending;
    int sent = row_was_sent(l, &row);
    if (sent < 0)
        return sent;
    bool counts = sent || known->closed;
    if (!counts || known->life == LIFE_LEFT) {
        err = give_name_up(l, known);
        return err ? err : file_row_set_life(l, known, LIFE_LEFT);
    }
    if (known->name && !replaced_before)
        err = rename_replaced(l, known, row.state == DOC_STORED);
    return err ? err : file_row_set_life(l, known, LIFE_PAST);
}

/* The name that a new file at KNOWN's path is to have; or the one of the path. */
static const char *wanted_name(const struct ledger_new_file *f, const struct file_row *known)
{
    if (known->id == 0 || known->move >= 0 || known->pending)
        return f->name;
    bool replaced_before = known->life != LIFE_THERE && known->base;
    if (known->name && !replaced_before)
        return known->name;
    return known->base ? known->base : f->name;
}

static int insert_file(struct ledger *l, const struct ledger_new_file *f, int64_t document,
                       const char *name, int pending, int64_t replaces)
{
    const struct file_stamp *st = &f->stamp;
    const struct value none = {VALUE_BLOB, 0, NULL, 0};
    return database_run(
        &l->db,
        "INSERT INTO file(root, document, looks, pending, replaces, size, mtime, ctime, inode,"
        " path_key, name_key, period, path, name, base, content)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        VALUES(V_INT(f->root_id), V_INT(document), V_INT(looks_of(f)),
               pending ? V_INT(pending) : none, replaces ? V_INT(replaces) : none,
               V_INT(st->size_bytes), V_INT(st->mtime_ns), V_INT(st->ctime_ns), V_INT(st->inode),
               V_INT(naming_key(f->path, 0)),
               pending ? none : V_INT(naming_key(name, l->place.folds)), V_TEXT(f->period),
               V_BLOB(f->path, strlen(f->path)), pending ? none : V_BLOB(name, strlen(name)),
               pending ? V_BLOB(f->name, strlen(f->name)) : none, V_BLOB(f->sha256, SHA256_BYTES)));
}

static int put_new(struct ledger *l, const struct ledger_new_file *f, struct file_row *known,
                   enum ledger_put *put, int64_t *document_id)
{
    char *wanted = xstrdup(wanted_name(f, known));
    int64_t replaces = known->id && known->move < 0 && known->life != LIFE_LEFT ? known->id : 0;
    if (known->life == LIFE_PAST)
        replaces = -replaces;
    bool made = false;
    int err = known->id ? make_room(l, known) : 0;
    if (!err)
        err = settle_document(l, f, 0, put, document_id, &made);
    CRASH_POINT("file_put_document");
    int taken = err ? 0 : ledger_name_taken(l, wanted, 0);
    if (taken < 0)
        err = taken;
    bool behind = known->move >= 0;
    int pending = behind ? PENDING_BEHIND_MOVED : taken || known->pending ? PENDING_TAKEN : 0;
    if (!err)
        err = insert_file(l, f, *document_id, wanted, pending, replaces);
    int64_t file = err ? 0 : sqlite3_last_insert_rowid(l->db.db);
    free(wanted);
    if (!err && made)
        document_has_file(l);
    else if (!err)
        err = document_gains_file(l, *document_id);
    return err || made ? err : project_if_stored(l, file, *document_id);
}

int ledger_file_put(struct ledger *l, const struct ledger_new_file *f, enum ledger_put *put,
                    int64_t *document_id)
{
    struct file_row known;
    REQUIRE(f->sha256 || f->reject_code);
    int err = file_row_at(l, f->path, &known);
    if (err)
        return err;
    err = ledger_write(l);
    if (!err && is_same_file(f, &known))
        err = put_known(l, f, &known, put, document_id);
    else if (!err)
        err = put_new(l, f, &known, put, document_id);
    file_row_release(&known);
    return err;
}

int ledger_file_changed(struct ledger *l, int64_t file_id, const char *code, const char *detail)
{
    struct document_row row;
    struct file_row known;
    int err = file_row_load(l, file_id, &known);
    if (err)
        return err;
    if (known.id == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "there is no file %lld in the ledger",
                               (long long)file_id);
    err = ledger_write(l);
    if (!err)
        err = row_load(l, known.document, &row);
    if (!err && !row.content)
        err = row_words(l, known.document, code, detail);
    if (!err) /* a stamp no file has: the next walk reads it again */
        err = database_run(&l->db,
                           "UPDATE file SET size = -1, mtime = 0, ctime = 0, inode = 0"
                           " WHERE id = ?",
                           VALUES(V_INT(file_id)));
    if (!err && row.content && known.life == LIFE_THERE)
        err = file_row_set_life(l, &known, LIFE_PAST);
    file_row_release(&known);
    return err;
}

int ledger_content_sent(struct ledger *l, const struct ledger_settings *s,
                        const uint8_t sha256[SHA256_BYTES])
{
    int64_t state = 0;
    int n = database_number(
        &l->db,
        /* clang-format off */
        "SELECT " LIFE_OF("state") " FROM settings s JOIN " LIFE
        " WHERE d.settings = s.id AND d.sha256 = ?1"
        " AND (?3 IS NULL OR (s.product = ?2 AND s.model_id = ?3 AND s.options = ?4))",
        /* clang-format on */
        VALUES(V_BLOB(sha256, SHA256_BYTES), V_TEXT(s->product), V_TEXT(s->model_id),
               V_TEXT(s->options)),
        &state);
    return n == 1 ? state != DOC_QUEUED && state != DOC_REJECTED : n;
}
