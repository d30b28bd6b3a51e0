/* completions.h - what shells complete of a command line: commands, each one's options, and of -s the
 * names and choices of all options. */
#ifndef MB_MANUAL_COMPLETIONS_H
#define MB_MANUAL_COMPLETIONS_H

#include "base/buffer.h"

void completion_bash(struct buffer *out);
void completion_zsh(struct buffer *out);
void completion_fish(struct buffer *out);

#endif
