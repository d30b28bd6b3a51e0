/* See notice.h. */
#include "service/notice.h"
#include "base/log.h"

void service_notice(const struct service_notice *n)
{
    LOG(n->kind == NOTICE_END ? LOG_INFO : LOG_WARNING,
        n->kind == NOTICE_END ? "schedule.end" : "serve.trouble",
        LOG_STR("batch", *n->entry->name ? n->entry->name : NULL),
        LOG_STR("period", n->due ? n->due->period : NULL),
        LOG_STR("rule", n->due ? n->due->rule : NULL), LOG_INT("exit", n->exit_code),
        LOG_STR("what", n->text));
}
