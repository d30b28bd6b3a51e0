/* The input files: small PDFs that say which content they are and how many pages they have. Each
 * writing gets a time of its own, from which quiet_system.c makes the rest of the stamp. */
#include "world.h"

#include "base/require.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STAMP_EPOCH_S = 1000000000 };

void inputs_directory(const struct world *w, int settings, char *out, size_t size)
{
    static const char *const names[] = {"in", "other", "beside"};
    snprintf(out, size, "%s/%s", w->directory, names[settings]);
}

void inputs_path(const struct world *w, int file, char *out, size_t size)
{
    const struct sim_file *f = &w->scenario->files[file];
    char directory[160];
    inputs_directory(w, f->settings, directory, sizeof directory);
    snprintf(out, size, "%s/%sf%02d.pdf", directory, f->below ? "below/" : "", file);
}

void inputs_stamp(struct world *w, const char *path)
{
    struct timespec times[2] = {{STAMP_EPOCH_S, 0}, {STAMP_EPOCH_S + ++w->versions, 0}};
    REQUIRE(utimensat(AT_FDCWD, path, times, 0) == 0);
}

void inputs_write(struct world *w, const char *path, int content, enum sim_file_kind kind,
                  bool over)
{
    char place[300];
    snprintf(place, sizeof place, over ? "%s.part" : "%s", path);
    FILE *f = fopen(place, "we");
    REQUIRE(f != NULL);
    if (kind == SIM_PDF) {
        fprintf(f, "%%PDF-1.4\n%% content %d pages %d\n", content,
                scenario_pages(w->scenario, content));
        for (int i = 0; i < (content * 37) % 23; i++)
            fprintf(f, "%% line %d\n", i);
        fputs("%%EOF\n", f);
    } else if (kind == SIM_TEXT) {
        fprintf(f, "a text, number %d\n", content);
    }
    REQUIRE(fclose(f) == 0);
    inputs_stamp(w, place);
    if (over)
        REQUIRE(renameat(AT_FDCWD, place, AT_FDCWD, path) == 0);
}

static void write_file(struct world *w, int file, int content, enum sim_file_kind kind)
{
    char path[256];
    inputs_path(w, file, path, sizeof path);
    inputs_write(w, path, content, kind, false);
    w->content[file] = content;
    w->vanished[file] = false;
}

void inputs_make(struct world *w)
{
    char directory[160], below[200];
    snprintf(below, sizeof below, "%s/empty", w->directory);
    REQUIRE(mkdir(below, 0700) == 0);
    for (int settings = 0; settings <= SIM_BESIDE; settings++) {
        inputs_directory(w, settings, directory, sizeof directory);
        snprintf(below, sizeof below, "%s/below", directory);
        REQUIRE(mkdir(directory, 0700) == 0 && mkdir(below, 0700) == 0);
    }
    for (int i = 0; i < w->scenario->file_count; i++)
        write_file(w, i, w->scenario->files[i].content, w->scenario->files[i].kind);
}

bool inputs_change(struct world *w, int64_t now_ms, bool all)
{
    bool any = false;
    const struct scenario *s = w->scenario;
    for (int i = 0; i < s->mutation_count; i++) {
        const struct sim_mutation *m = &s->mutations[i];
        char path[256];
        if (w->mutated & (1 << i) || (!all && m->at_ms > now_ms))
            continue;
        w->mutated |= 1 << i;
        any = true;
        inputs_path(w, m->file, path, sizeof path);
        if (m->change == SIM_REWRITE) {
            write_file(w, m->file, m->content, SIM_PDF);
        } else if (m->change == SIM_VANISH) {
            REQUIRE(unlink(path) == 0 || errno == ENOENT);
            w->vanished[m->file] = true;
        } else if (!w->vanished[m->file]) {
            inputs_stamp(w, path);
        }
    }
    return any;
}

int inputs_content_of(const char *path, int *pages)
{
    int content = -1;
    FILE *f = fopen(path, "re");
    if (!f || fscanf(f, "%%PDF-1.4\n%% content %d pages %d", &content, pages) != 2)
        content = -1;
    if (f)
        fclose(f);
    return content;
}
