/* A ClickHouse node for tests: the engine of the package @chdb/lib-linux-x64-gnu, run as its command line.
   node LIBRARY ARGUMENTS... */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <unwind.h>

/* Where a peer resets a connection before it is served, the thread that accepts it catches the exception and calls Poco::ErrorHandler::handle, which
   asks the handler that is set. clickhouse-server sets one that logs; in the mode of clickhouse-local none is set, and the default one ends the
   process. Here it returns instead, as the server's would: abort goes on in handle, behind the call. That is the one place, in the one version of the
   library that package-lock.json pins. Any other thread that aborts is parked, with what it holds. */
static const uintptr_t behind_the_call = 0x1c8f99ec;

static uintptr_t base;

struct frame { uintptr_t ip, sp, bx, bp, r12, r13, r14, r15; };

static _Unwind_Reason_Code find(struct _Unwind_Context *context, void *found) {
    struct frame *f = found;
    if (_Unwind_GetIP(context) != base + behind_the_call) return _URC_NO_REASON;
    f->ip = _Unwind_GetIP(context);
    f->sp = _Unwind_GetCFA(context);
    f->bx = _Unwind_GetGR(context, 3);
    f->bp = _Unwind_GetGR(context, 6);
    f->r12 = _Unwind_GetGR(context, 12);
    f->r13 = _Unwind_GetGR(context, 13);
    f->r14 = _Unwind_GetGR(context, 14);
    f->r15 = _Unwind_GetGR(context, 15);
    return _URC_NORMAL_STOP;
}

void abort(void) {
    struct frame f = {0};
    _Unwind_Backtrace(find, &f);
    if (f.ip) {
        __asm__ volatile(
            "movq 8(%0), %%rsp\n\t"
            "movq 16(%0), %%rbx\n\t"
            "movq 24(%0), %%rbp\n\t"
            "movq 32(%0), %%r12\n\t"
            "movq 40(%0), %%r13\n\t"
            "movq 48(%0), %%r14\n\t"
            "movq 56(%0), %%r15\n\t"
            "jmpq *(%0)\n\t" ::"a"(&f) : "memory");
    }
    static const char parked[] = "a thread would have aborted and is parked\n";
    (void)!write(2, parked, sizeof parked - 1);
    for (;;) pause();
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: node LIBRARY ARGUMENTS...\n");
        return 2;
    }
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    void *(*run)(int, char **) = (void *(*)(int, char **))dlsym(library, "chdb_query_cmdline");
    Dl_info info;
    if (!run || !dladdr((void *)run, &info)) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    base = (uintptr_t)info.dli_fbase;
    argv[1] = "clickhouse";
    run(argc - 1, argv + 1);
    return 0;
}
