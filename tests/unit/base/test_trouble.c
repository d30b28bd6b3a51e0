/* Whose an error is: every one that the system has a name for. */
#include "base/trouble.h"

#include "test.h"

#include <errno.h>
#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_the_files_own),
        cmocka_unit_test(what_the_machine_lacks),
        cmocka_unit_test(what_a_share_that_is_away_says),
        cmocka_unit_test(an_error_that_nobody_knows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
