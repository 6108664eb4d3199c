// SPDX-License-Identifier: GPL-3.0-or-later
#include "shell/figures.h"

#include "base/die.h"
#include "base/json.h"
#include "base/number.h"
#include "shell/json_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct figures {
    struct figure all[FIGURES_MOST];
    size_t count;
};

static struct figures last, before;
static const struct call *begun; // whose figures are being added

void figures_begin(const struct call *call)
{
    if (begun == call)
        return;
    BUG_IF(begun);
    begun = call;
    before = last;
    last.count = 0;
}

static struct figure *figures_new(const char *name, enum figure_kind kind)
{
    BUG_IF(!begun || last.count == FIGURES_MOST);
    struct figure *figure = &last.all[last.count++];
    int length = snprintf(figure->name, sizeof figure->name, "%s", name);
    BUG_IF(length < 0 || (size_t)length >= sizeof figure->name);
    figure->kind = kind;
    return figure;
}

void figures_add(const char *name, int64_t count)
{
    struct figure *figure = figures_new(name, FIGURE_COUNT);
    figure->number = count;
    figure->real = (double)count;
}

void figures_add_time(const char *name, int64_t ns)
{
    struct figure *figure = figures_new(name, FIGURE_TIME);
    figure->number = ns;
    figure->real = (double)ns;
}

void figures_add_real(const char *name, double value)
{
    struct figure *figure = figures_new(name, FIGURE_REAL);
    figure->number = 0;
    figure->real = value;
}

static void figures_add_json(struct text *object, const struct figure *figure)
{
    char name[sizeof figure->name + sizeof "_ns"];
    snprintf(name, sizeof name, "%s_ns", figure->name);
    switch (figure->kind) {
    case FIGURE_COUNT:
        json_number(object, figure->name, figure->number);
        break;
    case FIGURE_TIME:
        json_number(object, name, figure->number);
        break;
    case FIGURE_REAL:
        json_real(object, figure->name, figure->real);
        break;
    }
}

void figures_end(void)
{
    BUG_IF(!begun);
    struct text *object = json_output_begin(begun, "figures");
    begun = NULL;
    if (!object)
        return;
    for (size_t i = 0; i < last.count; i++)
        figures_add_json(object, &last.all[i]);
    json_output_end();
}

static const struct figure *figures_all(const struct figures *figures, size_t *count)
{
    *count = figures->count;
    return figures->count > 0 ? figures->all : NULL;
}

const struct figure *figures_last(size_t *count)
{
    return figures_all(&last, count);
}

const struct figure *figures_before(size_t *count)
{
    return figures_all(&before, count);
}

static bool figures_is_called(const struct figure *figure, const char *name)
{
    size_t length = strlen(figure->name);
    if (strcmp(figure->name, name) == 0)
        return true;
    return figure->kind == FIGURE_TIME && strncmp(figure->name, name, length) == 0 &&
           strcmp(name + length, "_ns") == 0;
}

const struct figure *figures_find(const char *name)
{
    static const char prefix[] = "before.";
    const struct figures *figures = &last;
    if (strncmp(name, prefix, strlen(prefix)) == 0) {
        figures = &before;
        name += strlen(prefix);
    }
    for (size_t i = 0; i < figures->count; i++)
        if (figures_is_called(&figures->all[i], name))
            return &figures->all[i];
    return NULL;
}

void figures_add_text(const struct figure *figure, struct text *text)
{
    char shown[32];
    switch (figure->kind) {
    case FIGURE_COUNT:
        text_print(text, "%" PRId64, figure->number);
        break;
    case FIGURE_TIME:
        number_format_time(figure->number, shown, sizeof shown);
        text_add_string(text, shown);
        break;
    case FIGURE_REAL:
        text_print(text, "%.3g", figure->real);
        break;
    }
}
