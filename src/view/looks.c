// SPDX-License-Identifier: GPL-3.0-or-later
#include "view/looks.h"

#include "log/describe.h"

static enum look looks_of_wait(const struct past *past, uint16_t object)
{
    const struct model_object *found = model_object(past->job, object);
    return (enum look)(LOOK_WAITING + (found ? found->kind % LOOK_KINDS : 0));
}

enum look looks_of(const struct past *past, const struct slice *slice)
{
    switch (slice->activity) {
    case ACTIVITY_STARTING:
        return LOOK_STARTING;
    case ACTIVITY_WORKING:
        return slice->chunk > 0 && slice->chunk % 2 == 0 ? LOOK_OTHER_CHUNK : LOOK_WORKING;
    case ACTIVITY_IDLE:
        return LOOK_IDLE;
    case ACTIVITY_HOLDING:
        return LOOK_HOLDING;
    case ACTIVITY_WAITING:
        return looks_of_wait(past, slice->object);
    case ACTIVITY_STOPPED:
        return LOOK_STOPPED;
    case ACTIVITY_ZOMBIE:
        return LOOK_ZOMBIE;
    }
    return LOOK_WORKING;
}

static bool looks_is_meant(const struct past *past, enum look look,
                           const struct model_object *object)
{
    if (look == LOOK_HOLDING)
        return !object->meets && object->is_used;
    return looks_of_wait(past, object->number) == look;
}

// Of objects that look the same, two are named, or the first one of more.
static void looks_add_objects(const struct past *past, enum look look, struct text *text)
{
    enum activity activity = look == LOOK_HOLDING ? ACTIVITY_HOLDING : ACTIVITY_WAITING;
    const char *second = "";
    char words[64] = "";
    size_t met = 0;
    for (size_t i = 0; i < past->job->object_count; i++) {
        const struct model_object *object = &past->job->objects[i];
        if (!looks_is_meant(past, look, object))
            continue;
        met++;
        if (met == 1)
            describe_activity(past->job, activity, object->number, words, sizeof words);
        else if (met == 2)
            second = describe_object_name(past->job, object->number);
    }
    text_print(text, "%s%s%s", words, met > 1 ? ", " : "", met > 2 ? "..." : second);
}

void looks_add_meaning(const struct past *past, enum look look, struct text *text)
{
    static const enum activity activities[LOOKS] = {[LOOK_STARTING] = ACTIVITY_STARTING,
                                                    [LOOK_WORKING] = ACTIVITY_WORKING,
                                                    [LOOK_IDLE] = ACTIVITY_IDLE,
                                                    [LOOK_STOPPED] = ACTIVITY_STOPPED,
                                                    [LOOK_ZOMBIE] = ACTIVITY_ZOMBIE};
    char words[64] = "the next chunk";
    if (look >= LOOK_WAITING && look <= LOOK_HOLDING) {
        looks_add_objects(past, look, text);
        return;
    }
    if (look != LOOK_OTHER_CHUNK)
        describe_activity(past->job, activities[look], NO_OBJECT, words, sizeof words);
    text_add_string(text, words);
}
