/* Whose an error is: every one that the system has a name for. */
#include "base/trouble.h"

#include "test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void what_is_the_files_own(void **state)
{
    static const int own[] = {0,     EACCES, EPERM,        ENOENT, ENOTDIR,
                              ELOOP, EISDIR, ENAMETOOLONG, EFBIG,  EOVERFLOW};
    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_int_equal(trouble_of(own[i]), TROUBLE_NONE);
}

static void what_the_machine_lacks(void **state)
{
    static const int lacks[] = {EMFILE, ENFILE, ENOMEM, EAGAIN, ENOBUFS};
    (void)state;
    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        assert_int_equal(trouble_of(lacks[i]), TROUBLE_OF_MACHINE);
}

static void what_a_share_that_is_away_says(void **state)
{
    static const int away[] = {EIO,         ESTALE,       EHOSTDOWN,   EHOSTUNREACH, ENETDOWN,
                               ENETUNREACH, ETIMEDOUT,    EREMOTEIO,   ENODEV,       ENXIO,
                               ENOTCONN,    ECONNREFUSED, ECONNRESET,  ECONNABORTED, ENOLINK,
                               EBUSY,       ESHUTDOWN,    EKEYEXPIRED, EUCLEAN,      EBADMSG,
                               ENOMEDIUM,   EPROTO,       EDEADLK,     ENOLCK,       EINTR};
    (void)state;
    for (size_t i = 0; i < sizeof away / sizeof *away; i++)
        assert_int_equal(trouble_of(away[i]), TROUBLE_OF_PLACE);
}

static void an_error_that_nobody_knows(void **state)
{
    (void)state;
    assert_int_equal(trouble_of(4095), TROUBLE_OF_PLACE);
}

static void a_socket_in_a_files_place_is_no_trouble_of_ours(void **state)
{
    (void)state;
    char directory[] = "/tmp/trouble-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/x.pdf", directory);
    assert_int_equal(trouble_of_open(path, ENXIO), TROUBLE_OF_PLACE); /* a disk that is gone */
    assert_int_equal(mknod(path, S_IFREG | 0600, 0), 0);
    assert_int_equal(trouble_of_open(path, ENXIO), TROUBLE_OF_PLACE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mknod(path, S_IFSOCK | 0600, 0), 0);
    assert_int_equal(trouble_of_open(path, ENXIO), TROUBLE_NONE);
    assert_int_equal(trouble_of_open(path, EMFILE), TROUBLE_OF_MACHINE);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(directory), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_the_files_own),
        cmocka_unit_test(what_the_machine_lacks),
        cmocka_unit_test(what_a_share_that_is_away_says),
        cmocka_unit_test(an_error_that_nobody_knows),
        cmocka_unit_test(a_socket_in_a_files_place_is_no_trouble_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
