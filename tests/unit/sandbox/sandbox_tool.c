/* The sandbox as a program of its own: for benchmarks and peers without the whole command line. */
#include "sandbox/sandbox.h"

#include <stddef.h>

int main(int argc, char **argv)
{
    return sandbox_main(argc, argv, NULL);
}
