/* See capture.h. */
#include "capture.h"

#include "base/require.h"

#include <stdio.h>
#include <unistd.h>

char captured_out[64 * 1024], captured_err[64 * 1024];

static struct stream {
    FILE *stream, *file;
    int saved;
    char *text;
} streams[2] = {{.text = captured_out}, {.text = captured_err}};

void capture_begin(void)
{
    streams[0].stream = stdout;
    streams[1].stream = stderr;
    for (struct stream *s = streams; s < streams + 2; s++) {
        fflush(s->stream);
        s->file = tmpfile();
        s->saved = dup(fileno(s->stream));
        REQUIRE(s->file && s->saved >= 0);
        REQUIRE(dup2(fileno(s->file), fileno(s->stream)) >= 0);
    }
}

void capture_end(void)
{
    for (struct stream *s = streams; s < streams + 2; s++) {
        fflush(s->stream);
        REQUIRE(dup2(s->saved, fileno(s->stream)) >= 0);
        close(s->saved);
        rewind(s->file);
        size_t n = fread(s->text, 1, sizeof captured_out - 1, s->file);
        s->text[n] = '\0';
        fclose(s->file);
    }
}
