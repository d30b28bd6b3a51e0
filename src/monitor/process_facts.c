/* See process_facts.h. What can't be read is 0. */
#include "monitor/process_facts.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t count_descriptors(void)
{
    int64_t n = 0;
    DIR *d = opendir("/proc/self/fd");
    if (!d)
        return 0;
    for (const struct dirent *entry; (entry = readdir(d)) != NULL;)
        n += entry->d_name[0] != '.';
    closedir(d);
    return n > 0 ? n - 1 : 0; /* but for the one it is read with */
}

/* Seconds since 1970. */
static int64_t read_boot_time(void)
{
    char line[256];
    int64_t boot = 0;
    FILE *f = fopen("/proc/stat", "re");
    if (!f)
        return 0;
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "btime %" SCNd64, &boot) == 1)
            break;
    fclose(f);
    return boot;
}

/* Ticks from the machine's start to this process's. */
static int64_t read_start_ticks(void)
{
    char text[1024];
    int64_t ticks = 0;
    FILE *f = fopen("/proc/self/stat", "re");
    if (!f)
        return 0;
    size_t len = fread(text, 1, sizeof text - 1, f);
    text[len] = '\0';
    fclose(f);
    const char *p = strrchr(text, ')'); /* behind the name, which may hold anything */
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    if (p)
        (void)sscanf(p, " %" SCNd64, &ticks);
    return ticks;
}

static int64_t start_of_process(void)
{
    static int64_t start_ms; /* it doesn't change */
    int64_t boot = start_ms ? 0 : read_boot_time();
    if (boot)
        start_ms = boot * 1000 + read_start_ticks() * 1000 / sysconf(_SC_CLK_TCK);
    return start_ms;
}

static int64_t resident(void)
{
    int64_t pages = 0, size;
    FILE *f = fopen("/proc/self/statm", "re");
    if (!f)
        return 0;
    if (fscanf(f, "%" SCNd64 " %" SCNd64, &size, &pages) != 2)
        pages = 0;
    fclose(f);
    return pages * sysconf(_SC_PAGESIZE);
}

void process_facts_cpu(struct process_facts *out)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) == 0)
        out->cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * INT64_C(1000000) +
                      used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

void process_facts_read(struct process_facts *out)
{
    struct rlimit limit = {0};
    *out = (struct process_facts){.resident_bytes = resident(),
                                  .open_fds = count_descriptors(),
                                  .start_ms = start_of_process()};
    process_facts_cpu(out);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        out->max_fds = limit.rlim_cur == RLIM_INFINITY ? -1 : (int64_t)limit.rlim_cur;
}
