/* control_server.h - what a run at work is asked, over the socket of its output directory.
 *
 *   control_server_open(&s, loop, directory, asked, ctx, &e);
 *   ... asked(ctx, peer, &request) ...     one request of each peer; the request lives until it
 *                                          returns, the peer until it is answered
 *   control_peer_answer(peer, 0, "...");   perhaps later; then the peer is no more
 *   control_server_close(s);               peers without an answer are cut
 *
 * Peers are processes of the same user, or root's; with ACCESS_GROUP of whoever the socket's mode
 * lets in. Bounds: CONTROL_PEERS_MOST at once, CONTROL_LINE_MAX
 * bytes each, and CONTROL_SPEAK_MS until the request must be there. Never blocks. Keeps the loop
 * alive until it is closed. */
#ifndef MB_CONTROL_CONTROL_SERVER_H
#define MB_CONTROL_CONTROL_SERVER_H

#include "base/file_access.h"
#include "control/control_request.h"
#include "net/loop.h"

enum { CONTROL_PEERS_MOST = 16, CONTROL_SPEAK_MS = 10000 };

struct control_server;
struct control_peer;

typedef void control_asked_fn(void *ctx, struct control_peer *peer,
                              const struct control_request *request);

MUST_CHECK int control_server_open(struct control_server **out, struct loop *loop,
                                   const char *directory, enum file_access a,
                                   control_asked_fn *asked, void *ctx, struct error *e);
void control_server_close(struct control_server *s);

void control_peer_answer(struct control_peer *peer, int exit_code, const char *text);

#endif
