/* metrics_file.h - metrics.file: the numbers for whoever reads files (the node exporter's textfile collector). */
#ifndef MB_MONITOR_METRICS_FILE_H
#define MB_MONITOR_METRICS_FILE_H

#include "base/buffer.h"
#include "base/file_access.h"

/* TEXT becomes PATH, whole. It needn't outlive a power cut, so nothing is waited for. */
MUST_CHECK int metrics_file_write(const char *path, enum file_access a, const struct buffer *text,
                                  struct error *e);

#endif
