/* Where the receiver listens. Every address means both families where the system has them. What a
 * name stands for is looked up here, so that plain HTTP is never served elsewhere than on loopback
 * by a name that says otherwise. */
#include "webhook/webhook_address.h"

#include "base/text.h"

#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static bool parse_port(const char *text, uint16_t *port)
{
    unsigned n = 0;
    if (*text == '\0' || strlen(text) > 5)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        n = n * 10 + (unsigned)(*text - '0');
    }
    *port = (uint16_t)n;
    return n <= 65535;
}

/* Splits LISTEN; the host is "" where there is none. */
static bool split(struct webhook_address *out, const char *listen)
{
    const char *host = listen, *colon = strrchr(listen, ':');
    if (colon == NULL) {
        out->host[0] = '\0';
        return parse_port(listen, &out->port);
    }
    size_t len = (size_t)(colon - listen);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
        if (len == 0)
            return false;
    } else if (memchr(host, ':', len) != NULL) { /* a v6 address without brackets */
        return false;
    }
    if (len >= sizeof out->host)
        return false;
    memcpy(out->host, host, len);
    out->host[len] = '\0';
    return parse_port(colon + 1, &out->port);
}

static bool both_families(void)
{
    struct sockaddr_in6 any = {.sin6_family = AF_INET6};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool fine = fd >= 0 && bind(fd, (const struct sockaddr *)&any, sizeof any) == 0;
    if (fd >= 0)
        close(fd);
    return fine;
}

static bool is_loopback(const struct sockaddr *a)
{
    if (a->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)a)->sin_addr.s_addr) >> 24 == 127;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
    if (IN6_IS_ADDR_V4MAPPED(v6))
        return v6->s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(v6);
}

static int look_up(struct webhook_address *out, const char *option, struct error *e)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    struct addrinfo *found;
    int rc = getaddrinfo(out->host, NULL, &hints, &found);
    if (rc != 0 && strcasecmp(out->host, "localhost") == 0) {
        out->loopback = true; /* there may be no /etc/hosts */
        return 0;
    }
    if (rc != 0)
        return error_set(e, ERR_USAGE, "%s: %s: %s", option, text_show(out->host),
                         gai_strerror(rc));
    out->loopback = true;
    for (const struct addrinfo *a = found; a != NULL; a = a->ai_next)
        out->loopback = out->loopback && is_loopback(a->ai_addr);
    freeaddrinfo(found);
    return 0;
}

int webhook_address_parse(struct webhook_address *out, const char *option, const char *listen,
                          struct error *e)
{
    *out = (struct webhook_address){0};
    if (!split(out, listen))
        return error_set(e, ERR_USAGE, "%s: \"%s\" isn't host:port, [v6 address]:port, or a port",
                         option, text_show(listen));
    if (out->host[0] != '\0')
        return look_up(out, option, e);
    strcpy(out->host, both_families() ? "::" : "0.0.0.0");
    return 0;
}
