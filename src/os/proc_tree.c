// SPDX-License-Identifier: GPL-3.0-or-later
#include "os/proc_tree.h"

#include "base/must.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

struct process_list {
    struct proc *all;
    size_t count, room;
};

// Reads /proc/PID/stat alone, which is all that a tree needs. False with errno.
static bool proc_tree_read_one(pid_t pid, struct proc *proc)
{
    char text[1024];
    if (!proc_read_stat(pid, text, sizeof text))
        return false;
    *proc = (struct proc){.resident_kb = -1, .private_kb = -1, .voluntary = -1, .forced = -1};
    errno = ESRCH;
    return proc_parse_stat(text, proc);
}

// Reads all processes there are. False with errno.
static bool proc_tree_read_all(struct process_list *found)
{
    DIR *folder = proc_is_ours() ? opendir("/proc") : NULL;
    if (!folder)
        return false;
    int error = 0;
    while (error == 0) {
        struct proc proc;
        errno = 0;
        struct dirent *entry = readdir(folder);
        if (!entry) {
            error = errno;
            break;
        }
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        if (!proc_tree_read_one(atoi(entry->d_name), &proc)) {
            error = proc_is_withheld(errno) ? 0 : errno;
            continue;
        }
        if (found->count == found->room) {
            found->room = found->room ? found->room * 2 : 256;
            found->all = must_realloc(found->all, found->room, sizeof *found->all);
        }
        found->all[found->count++] = proc;
    }
    closedir(folder);
    errno = error;
    return error == 0;
}

static int proc_tree_by_parent_and_age(const void *a, const void *b)
{
    const struct proc *one = a, *two = b;
    if (one->parent != two->parent)
        return one->parent < two->parent ? -1 : 1;
    if (one->started != two->started)
        return one->started < two->started ? -1 : 1;
    return one->pid < two->pid ? -1 : one->pid > two->pid;
}

// Returns the first of the sorted list whose parent is `parent` or comes behind it.
static size_t proc_tree_first_child(const struct process_list *found, pid_t parent)
{
    size_t low = 0, high = found->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (found->all[middle].parent < parent)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t proc_tree_add_descendants(const struct process_list *found, pid_t parent,
                                        size_t depth, struct proc_member *members, size_t count)
{
    for (size_t i = proc_tree_first_child(found, parent);
         i < found->count && found->all[i].parent == parent && count < found->count; i++) {
        members[count++] = (struct proc_member){found->all[i], depth};
        count = proc_tree_add_descendants(found, found->all[i].pid, depth + 1, members, count);
    }
    return count;
}

struct proc_member *proc_tree_read(pid_t root, size_t *count)
{
    struct process_list found = {0};
    struct proc_member *members = NULL;
    *count = 0;
    int error = proc_tree_read_all(&found) ? ESRCH : errno;
    if (error == ESRCH && found.count > 0) {
        qsort(found.all, found.count, sizeof *found.all, proc_tree_by_parent_and_age);
        members = must_calloc(found.count, sizeof *members);
        for (size_t i = 0; i < found.count && *count == 0; i++)
            if (found.all[i].pid == root)
                members[(*count)++] = (struct proc_member){found.all[i], 0};
        if (*count > 0)
            *count = proc_tree_add_descendants(&found, root, 1, members, *count);
    }
    free(found.all);
    if (*count == 0) {
        free(members);
        members = NULL;
        errno = error;
    }
    return members;
}
