/* process_facts.h - what the system says of this process, under the names that Prometheus' own libraries have. */
#ifndef MB_MONITOR_PROCESS_FACTS_H
#define MB_MONITOR_PROCESS_FACTS_H

#include <stdint.h>

struct process_facts {
    int64_t cpu_us, resident_bytes, open_fds, max_fds; /* max_fds -1: no limit */
    int64_t start_ms;                                  /* since 1970; 0: not known */
};

/* Its time on a processor alone. */
void process_facts_cpu(struct process_facts *out);
void process_facts_read(struct process_facts *out);

#endif
