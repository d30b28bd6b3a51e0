/* wire.h - a client of plain blocking sockets, with TLS or without, for servers under test; and
 * certificates made for them. For use on a thread of its own beside the loop: what fails here
 * prints where, and aborts. */
#ifndef MB_TESTS_WIRE_H
#define MB_TESTS_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK(cond) ((cond) ? (void)0 : wire_check_failed(#cond, __FILE__, __LINE__))
_Noreturn void wire_check_failed(const char *cond, const char *file, int line);

struct wire {
    int fd;
    void *ssl, *ctx;  /* NULL: plain */
    char subject[64]; /* the common name of the server's certificate, not verified */
};

/* To 127.0.0.1. */
void wire_open(struct wire *w, uint16_t port);
void wire_open_tls(struct wire *w, uint16_t port);
void wire_close(struct wire *w);

/* What can't be sent any more is dropped: the answer, or none, tells. */
void wire_say(struct wire *w, const void *bytes, size_t len);
void wire_say_text(struct wire *w, const char *text);
/* One answer by its Content-Length: its status, 0 if the connection ended before a whole one. HEAD
 * (of SIZE bytes, may be NULL) gets its header, BODY (likewise) its body. */
int wire_hear(struct wire *w, char *head, size_t head_size, char *body, size_t body_size);
int wire_status(struct wire *w); /* the same, the rest forgotten */

/* A P-256 key and a certificate signed with it, for COMMON_NAME, valid from FROM_S to TO_S seconds
 * from now. PEM texts, each of at most WIRE_PEM_MAX bytes. */
enum { WIRE_PEM_MAX = 2048 };
void wire_certificate(const char *common_name, long from_s, long to_s, char cert[WIRE_PEM_MAX],
                      char key[WIRE_PEM_MAX]);

#endif
