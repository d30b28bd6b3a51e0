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

/* -1: it has none. */
static int version_of(const struct world *w, const char *path)
{
    struct stat st;
    int64_t version = system_stat(path, &st) == 0 ? (int64_t)st.st_mtim.tv_sec - STAMP_EPOCH_S : -1;
    return version > 0 && version <= w->versions ? (int)version : -1;
}

/* It was VERSION before, or is new. */
static void stamp(struct world *w, const char *path, int version)
{
    REQUIRE(w->versions + 1 < SIM_VERSIONS_MAX);
    struct timespec times[2] = {{STAMP_EPOCH_S, 0}, {STAMP_EPOCH_S + ++w->versions, 0}};
    w->stamped_ms[w->versions] = w->mono_ms;
    w->born_ms[w->versions] = version > 0 ? w->born_ms[version] : w->mono_ms;
    REQUIRE(utimensat(AT_FDCWD, path, times, 0) == 0);
}

void inputs_stamp(struct world *w, const char *path)
{
    stamp(w, path, version_of(w, path));
}

int64_t inputs_came_ms(const struct world *w, const char *path)
{
    int version = version_of(w, path);
    return version > 0 ? w->born_ms[version] : -1;
}

void inputs_write(struct world *w, const char *path, int content, enum sim_file_kind kind,
                  bool over)
{
    char place[300];
    snprintf(place, sizeof place, over ? "%s.part" : "%s", path);
    int version = version_of(w, place);
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
    stamp(w, place, version);
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

void inputs_come(struct world *w, int file)
{
    write_file(w, file, w->scenario->files[file].content, w->scenario->files[file].kind);
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
    for (int i = 0; i < w->scenario->file_count; i++) {
        w->vanished[i] = true;
        if (w->scenario->files[i].comes == AT_FIRST)
            inputs_come(w, i);
    }
}

bool inputs_are_gone(const struct world *w, int settings)
{
    for (int i = 0; i < w->scenario->file_count; i++)
        if (!w->vanished[i] && w->scenario->files[i].settings == settings)
            return false;
    return true;
}

bool inputs_go_in_doubt(struct world *w, int file)
{
    const struct scenario *s = w->scenario;
    char path[256];
    int i = 0;
    while (i < s->mutation_count && (w->mutated & 1 << i || s->mutations[i].at_ms != IN_DOUBT))
        i++;
    if (i == s->mutation_count)
        return false;
    w->mutated |= 1 << i;
    inputs_path(w, file, path, sizeof path);
    REQUIRE(unlink(path) == 0 || errno == ENOENT);
    w->vanished[file] = true;
    return true;
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
        if (m->at_ms == IN_DOUBT) /* no document was */
            continue;
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
