/* The command: parse, make samples or serve until a signal ends it.
 *
 * Exit 0 after SIGTERM or SIGINT (and after --help and --samples), 2 for bad options, a certificate
 * or CA file that isn't one and a port that isn't free, 1 if samples, the certificate's file or
 * standard output can't be written. */
#include "sandbox/answers.h"
#include "sandbox/certificate.h"
#include "sandbox/command_line.h"
#include "sandbox/record_run.h"
#include "sandbox/samples.h"
#include "sandbox/sandbox.h"

#include "base/buffer.h"
#include "base/log.h"
#include "base/program.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PEM_MAX_BYTES = 1 << 20, EXIT_WORK = 1, EXIT_USAGE = 2 };

struct running {
    struct loop *loop;
    struct sandbox *sandbox; /* NULL once it is closing */
    struct loop_signal *terminate, *interrupt;
};

static int read_file(const char *path, struct buffer *out, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc = fd >= 0 ? buffer_read(out, fd) : ERR_IO;
    if (rc == ERR_IO)
        error_system(e, ERR_IO, errno, "read %s", text_show(path));
    else if (rc != 0)
        error_set(e, rc, "read %s: too large", text_show(path));
    if (fd >= 0)
        close(fd);
    return rc;
}

static int write_file(const char *path, const struct buffer *text, struct error *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool written = fd >= 0 && write(fd, text->data, text->len) == (ssize_t)text->len;
    int system_error = errno;
    if (fd >= 0 && close(fd) != 0 && written) {
        written = false;
        system_error = errno;
    }
    return written ? 0 : error_system(e, ERR_IO, system_error, "write %s", text_show(path));
}

/* Reads or makes what TLS needs; both stay empty without it. */
static int prepare_tls(const struct command_line *c, struct buffer *cert, struct buffer *key,
                       struct error *e)
{
    if (c->tls_made != NULL) {
        int rc = certificate_make(cert, key, e);
        return rc == 0 ? write_file(c->tls_made, cert, e) : rc;
    }
    if (c->tls_cert == NULL)
        return 0;
    int rc = read_file(c->tls_cert, cert, e);
    return rc == 0 ? read_file(c->tls_key, key, e) : rc;
}

static void on_signal(void *ctx, int signum)
{
    struct running *run = ctx;
    (void)signum;
    if (run->sandbox == NULL)
        return;
    sandbox_close(run->sandbox, NULL, NULL);
    run->sandbox = NULL;
    loop_signal_close(run->terminate);
    loop_signal_close(run->interrupt);
}

/* Whoever started it reads the port from here. */
static int announce(const struct command_line *c, uint16_t port, struct error *e)
{
    const char *host = c->sandbox.host != NULL ? c->sandbox.host : "127.0.0.1";
    bool bracket = strchr(host, ':') != NULL;
    printf("listening on %s://%s%s%s:%u\n", c->sandbox.tls_cert_pem != NULL ? "https" : "http",
           bracket ? "[" : "", host, bracket ? "]" : "", port);
    if (!c->quiet)
        printf("a local Mindee, %s; --help-all lists models, limits and faults; Ctrl-C ends it\n",
               c->sandbox.key != NULL ? "for the key of --key" : "any key will do");
    return program_output_end(e);
}

static int serve(struct command_line *c, struct error *e)
{
    struct running run = {.loop = loop_new(&system_clock)};
    int rc = sandbox_new(&run.sandbox, run.loop, &c->sandbox, e);
    if (rc == 0) {
        run.terminate = loop_signal_new(run.loop, SIGTERM, on_signal, &run);
        run.interrupt = loop_signal_new(run.loop, SIGINT, on_signal, &run);
        rc = announce(c, sandbox_port(run.sandbox), e);
        if (rc < 0)
            on_signal(&run, SIGTERM);
    }
    loop_run(run.loop);
    loop_free(run.loop);
    return rc;
}

/* It may hold what the client sent as names and aliases: for its owner alone. */
static int open_trace(struct command_line *c, struct error *e)
{
    c->sandbox.trace_fd = open(c->trace, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return c->sandbox.trace_fd >= 0
               ? 0
               : error_system(e, ERR_IO, errno, "--trace: write %s", text_show(c->trace));
}

/* To the file of --totals, and to who watches. */
static int tell_totals(const struct command_line *c, struct samples_made *made, struct error *e)
{
    struct buffer text;
    int rc = 0;
    buffer_init(&text, 0);
    if (c->totals != NULL) {
        samples_made_totals(made, &text);
        rc = write_file(c->totals, &text, e);
    }
    if (rc == 0 && !c->quiet) {
        buffer_clear(&text);
        samples_made_show(made, &text);
        printf("%d sample documents in %s\n%s", c->samples, text_show(c->samples_dir),
               buffer_text(&text));
    }
    buffer_release(&text);
    return rc;
}

static int make_samples(const struct command_line *c, struct error *e)
{
    const struct samples_order order = {.count = c->samples,
                                        .seed = c->sandbox.seed,
                                        .with_flaws = c->flaws >= 0,
                                        .flaws = c->flaws > 0 ? c->flaws : 0};
    struct samples_made made = {.documents = 0};
    int rc = samples_make(c->samples_dir, &order, &made, e);
    if (rc == 0)
        rc = tell_totals(c, &made, e);
    samples_made_release(&made);
    return rc;
}

static int record(const struct command_line *c, const struct run_reader *reader, struct error *e)
{
    struct run_recorded done;
    if (reader == NULL)
        return error_set(e, ERR_USAGE, "--record: this program can't read a run's ledger");
    int rc = record_run(reader, c->record, c->answers, c->anonymous, &done, e);
    if (rc == 0 && !c->quiet) {
        printf("%d answers in %s\n", done.answers, text_show(c->answers));
        if (done.left > 0)
            printf("left out: %d that are no results, or of files that have one already\n",
                   done.left);
    }
    return rc;
}

static int run_command(struct command_line *c, const struct run_reader *reader, struct error *e)
{
    if (c->record != NULL)
        return record(c, reader, e);
    if (c->samples > 0) {
        return make_samples(c, e);
    }
    struct buffer cert, key;
    buffer_init(&cert, PEM_MAX_BYTES);
    buffer_init(&key, PEM_MAX_BYTES);
    int rc = prepare_tls(c, &cert, &key, e);
    if (rc == 0 && c->answers != NULL)
        rc = answers_load(&c->sandbox.answers, c->answers, e);
    if (rc == 0 && c->trace != NULL)
        rc = open_trace(c, e);
    if (rc == 0) {
        if (cert.len > 0) {
            c->sandbox.tls_cert_pem = cert.data;
            c->sandbox.tls_key_pem = key.data;
        }
        rc = serve(c, e);
    }
    buffer_release(&cert);
    buffer_release(&key);
    if (c->sandbox.trace_fd >= 0)
        close(c->sandbox.trace_fd);
    return rc;
}

int sandbox_main(int argc, char **argv, const struct run_reader *reader)
{
    struct command_line c;
    struct error e = {.code = 0};
    int rc = command_line_parse(&c, argc, argv, &e);
    if (rc == 0 && c.help) {
        command_line_help(argv[0], c.help_all);
    } else if (rc == 0) {
        struct log_options log = {.level = c.verbose > 1 ? LOG_DEBUG
                                           : c.verbose   ? LOG_INFO
                                                         : LOG_WARNING,
                                  .format = LOG_TEXT,
                                  .clock = &system_clock};
        rc = log_open(&log, &e);
        if (rc == 0)
            rc = run_command(&c, reader, &e);
        log_close();
    }
    command_line_release(&c);
    if (rc == 0)
        rc = program_output_end(&e);
    if (rc == 0)
        return 0;
    fprintf(stderr, "%s: %s\n", argv[0], e.text);
    return rc == ERR_IO ? EXIT_WORK : EXIT_USAGE;
}
