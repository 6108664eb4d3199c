// SPDX-License-Identifier: GPL-3.0-or-later
#include "jobs/orders.h"

#include "base/must.h"

#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 orders_wide;

uint64_t orders_count(const uint32_t *steps, uint32_t workers)
{
    orders_wide count = 1;
    uint32_t all = 0;
    // Binomial by binomial: what is divided by i is divisible by it.
    for (uint32_t worker = 0; worker < workers; worker++) {
        for (uint32_t i = 1; i <= steps[worker]; i++) {
            count = count * ++all / i;
            if (count >= UINT64_MAX)
                return UINT64_MAX;
        }
    }
    return (uint64_t)count;
}

// Reads one worker's number at `text`; returns what is behind it, or NULL.
static const char *orders_read_worker(const char *text, bool commas, uint32_t *worker)
{
    if (*text < '0' || *text > '9')
        return NULL;
    *worker = 0;
    do
        *worker = *worker * 10 + (uint32_t)(*text++ - '0');
    while (commas && *text >= '0' && *text <= '9' && *worker < 1000);
    return text;
}

// Whether a step fits an order. False with a message.
static bool orders_check_step(uint32_t worker, uint32_t workers, size_t length, struct text *error)
{
    if (worker < 1 || worker > workers)
        text_print(error, "an order names workers from 1 to %u, not %u", workers, worker);
    else if (length == GATE_STEPS)
        text_print(error, "an order has at most %d steps", GATE_STEPS);
    else
        return true;
    return false;
}

bool orders_parse(const char *text, uint32_t workers, uint8_t *steps, size_t *length,
                  struct text *error)
{
    bool commas = strchr(text, ',') || workers > 9;
    uint32_t worker;
    *length = 0;
    for (const char *at = text; *length == 0 || *at;) {
        if (*length > 0 && commas && *at++ != ',')
            break;
        at = orders_read_worker(at, commas, &worker);
        if (!at)
            break;
        if (!orders_check_step(worker, workers, *length, error))
            return false;
        steps[(*length)++] = (uint8_t)((worker - 1) | (*at == 'x' ? GATE_DEATH : 0));
        at += *at == 'x';
        if (!*at)
            return true;
    }
    text_print(error, "an order is a digit a step, as in 122211%s, not '%s'",
               workers > 9 ? ", with commas for over 9 workers" : "", text_visible(text));
    return false;
}

void orders_format(const uint8_t *steps, size_t length, uint32_t workers, struct text *text)
{
    for (size_t i = 0; i < length; i++)
        text_print(text, "%s%d%s", i > 0 && workers > 9 ? "," : "", (steps[i] & ~GATE_DEATH) + 1,
                   steps[i] & GATE_DEATH ? "x" : "");
}

// Plans one behind the other: a length in two bytes, then the steps.
struct plans {
    uint8_t *bytes;
    size_t used, room, read;
};

struct orders {
    struct plans now, later; // with as many switches as the plan at hand, and with one more
    size_t most;             // bytes in both
    uint32_t switches;
    bool deaths, left_out;
    uint8_t plan[GATE_STEPS];
    size_t length;
};

static void orders_push(struct orders *orders, struct plans *plans, const uint8_t *steps,
                        size_t length)
{
    size_t bytes = 2 + length;
    if (orders->now.room + orders->later.room + bytes > orders->most) {
        orders->left_out = true;
        return;
    }
    if (plans->used + bytes > plans->room) {
        plans->room = (plans->room + bytes) * 2;
        plans->bytes = must_realloc(plans->bytes, plans->room, 1);
    }
    uint8_t *place = plans->bytes + plans->used;
    place[0] = (uint8_t)(length & 0xff);
    place[1] = (uint8_t)(length >> 8);
    if (length > 0)
        memcpy(place + 2, steps, length);
    plans->used += bytes;
}

struct orders *orders_new(bool deaths, size_t room)
{
    struct orders *orders = must_calloc(1, sizeof *orders);
    orders->deaths = deaths;
    orders->most = room;
    orders_push(orders, &orders->now, NULL, 0);
    return orders;
}

void orders_free(struct orders *orders)
{
    if (!orders)
        return;
    free(orders->now.bytes);
    free(orders->later.bytes);
    free(orders);
}

const uint8_t *orders_next(struct orders *orders, size_t *length)
{
    struct plans *now = &orders->now;
    if (now->read == now->used) {
        free(now->bytes);
        *now = orders->later;
        orders->later = (struct plans){0};
        orders->switches++;
    }
    if (now->read == now->used)
        return NULL;
    const uint8_t *place = now->bytes + now->read;
    orders->length = place[0] | (size_t)place[1] << 8;
    memcpy(orders->plan, place + 2, orders->length);
    now->read += 2 + orders->length;
    *length = orders->length;
    return orders->plan;
}

// Pushes all other ways to go on from step `at` of the order in orders->plan. `last` is the worker
// that went last before it, or -1.
static void orders_branch(struct orders *orders, size_t at, int last, uint32_t enabled, bool died)
{
    uint8_t taken = orders->plan[at];
    bool could_stay = last >= 0 && enabled >> last & 1;
    for (uint32_t rest = enabled; rest; rest &= rest - 1) {
        uint8_t worker = (uint8_t)__builtin_ctz(rest);
        bool switches = could_stay && worker != last;
        orders->plan[at] = worker;
        if (worker != taken)
            orders_push(orders, switches ? &orders->later : &orders->now, orders->plan, at + 1);
        orders->plan[at] = worker | GATE_DEATH;
        if (orders->deaths && !died)
            orders_push(orders, &orders->now, orders->plan, at + 1);
    }
    orders->plan[at] = taken;
}

void orders_tell(struct orders *orders, const struct gate_record *trace, size_t length)
{
    int last = -1;
    bool died = false;
    for (size_t i = 0; i < length; i++) {
        orders->plan[i] = trace[i].step;
        if (i >= orders->length)
            orders_branch(orders, i, last, trace[i].enabled, died);
        if (trace[i].step & GATE_DEATH)
            died = true;
        else
            last = trace[i].step;
    }
    orders->length = length;
}

uint32_t orders_switches(const struct orders *orders)
{
    return orders->switches;
}

bool orders_left_out(const struct orders *orders)
{
    return orders->left_out;
}

// Vigna's splitmix64.
static uint64_t orders_random(uint64_t *seed)
{
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void orders_draw(uint64_t *seed, uint32_t workers, size_t length,
                 struct gate_priorities *priorities)
{
    uint32_t *priority = priorities->priority;
    for (uint32_t i = 0; i < workers; i++) {
        uint32_t j = (uint32_t)(orders_random(seed) % (i + 1));
        priority[i] = priority[j];
        priority[j] = GATE_CHANGES + i;
    }
    priorities->changes = 1 + (uint32_t)(orders_random(seed) % GATE_CHANGES);
    for (uint32_t i = 0; i < priorities->changes; i++)
        priorities->change_at[i] = (uint32_t)(orders_random(seed) % (length > 0 ? length : 1));
}
