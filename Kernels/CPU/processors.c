/* How many processors there are to compute on. */
#if defined(__linux__)
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../include/kernels.h"

enum { LONGEST_LINE = 4096 };

/* The first line of folder/name, without its end; 0 when there is none. */
static int read_line(const char *folder, const char *name, char line[LONGEST_LINE]) {
    char path[2 * LONGEST_LINE];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) return 0;
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    int found = fgets(line, LONGEST_LINE, file) != NULL;
    fclose(file);
    return found;
}

static uint32_t processors_of(long long quota, long long period) {
    if (quota <= 0 || period <= 0) return UINT32_MAX;
    long long count = quota / period + (quota % period != 0);
    return count < UINT32_MAX ? (uint32_t)count : UINT32_MAX;
}

/* Version 2: cpu.max holds "quota period", or "max period". */
static uint32_t quota_of_two(const char *folder) {
    char line[LONGEST_LINE];
    long long quota, period;
    if (!read_line(folder, "cpu.max", line) || sscanf(line, "%lld %lld", &quota, &period) != 2) return UINT32_MAX;
    return processors_of(quota, period);
}

/* Version 1: a file each; a quota of -1 is none. */
static uint32_t quota_of_one(const char *folder) {
    char quota[LONGEST_LINE], period[LONGEST_LINE];
    if (!read_line(folder, "cpu.cfs_quota_us", quota)) return UINT32_MAX;
    if (!read_line(folder, "cpu.cfs_period_us", period)) return UINT32_MAX;
    return processors_of(strtoll(quota, NULL, 10), strtoll(period, NULL, 10));
}

/* The least quota of the group root/path and of those above it. In a container the path may be the host's: then only the
 * root is there, and is the container's own group. */
static uint32_t least_quota(const char *root, const char *path, uint32_t (*quota)(const char *)) {
    char folder[2 * LONGEST_LINE];
    size_t top = strlen(root);
    if (snprintf(folder, sizeof folder, "%s%s", root, path) >= (int)sizeof folder) return UINT32_MAX;
    uint32_t least = quota(folder);
    for (size_t end = strlen(folder); end > top; end--) {
        if (folder[end - 1] != '/') continue;
        folder[end - 1] = 0;
        uint32_t above = quota(folder);
        if (above < least) least = above;
    }
    return least;
}

/* Whether a list "a,b,c" names the processor's controller. */
static int names_cpu(const char *controllers) {
    for (const char *at = controllers; at; at = strchr(at, ',')) {
        if (*at == ',') at++;
        if (strncmp(at, "cpu", 3) == 0 && (at[3] == 0 || at[3] == ',')) return 1;
    }
    return 0;
}

uint32_t hay_quota_processors(const char *groups, const char *root) {
    FILE *file = fopen(groups, "r");
    if (!file) return UINT32_MAX;
    char line[LONGEST_LINE], mount[2 * LONGEST_LINE];
    uint32_t least = UINT32_MAX;
    while (fgets(line, sizeof line, file)) {
        /* "number:controllers:path"; version 2 names no controllers. */
        line[strcspn(line, "\n")] = 0;
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path) continue;
        *path++ = 0;
        controllers++;
        uint32_t found = UINT32_MAX;
        if (*controllers == 0) {
            found = least_quota(root, path, quota_of_two);
        } else if (names_cpu(controllers)) {
            if (snprintf(mount, sizeof mount, "%s/%s", root, controllers) >= (int)sizeof mount) continue;
            found = least_quota(mount, path, quota_of_one);
        }
        if (found < least) least = found;
    }
    fclose(file);
    return least;
}

uint32_t hay_usable_processors(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t count = online > 0 ? (uint32_t)online : 1;
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) count = (uint32_t)CPU_COUNT(&set);
    uint32_t quota = hay_quota_processors("/proc/self/cgroup", "/sys/fs/cgroup");
    if (quota < count) count = quota;
#endif
    return count;
}
