/* A ClickHouse node for tests: the engine of the package @chdb/lib-linux-x64-gnu, run as its command line.
   node LIBRARY ARGUMENTS... */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <unistd.h>

/* The library aborts the process where a peer resets a connection. The thread that would is parked instead; the others go on. */
void abort(void) {
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
    if (!run) {
        fprintf(stderr, "%s\n", dlerror());
        return 2;
    }
    argv[1] = "clickhouse";
    run(argc - 1, argv + 1);
    return 0;
}
