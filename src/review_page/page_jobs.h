/* page_jobs.h - what the desk is asked, one after the other on the pool, and the answers to the requests behind it.
 *
 *   jobs = page_jobs_new(loop, &desk, tools)
 *   page_jobs_add(jobs, r, &route)       takes the request R over
 *   page_jobs_forget(jobs)               the server is gone with its requests: nothing is answered any more
 *   page_jobs_close(jobs, done, ctx)     after that; DONE comes once nothing is at work, maybe from within
 *                                        this call */
#ifndef MB_REVIEW_PAGE_PAGE_JOBS_H
#define MB_REVIEW_PAGE_PAGE_JOBS_H

#include "net/http_server.h"
#include "review_page/desk.h"
#include "review_page/page_route.h"

struct page_jobs;

struct page_jobs *page_jobs_new(struct loop *loop, const struct desk *desk, const char *tools);
void page_jobs_add(struct page_jobs *jobs, struct http_request *r, const struct page_route *route);
void page_jobs_forget(struct page_jobs *jobs);
void page_jobs_close(struct page_jobs *jobs, void (*done)(void *ctx), void *ctx);

#endif
