// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/outcome.h"

const char *outcome_word(int64_t outcome)
{
    switch ((enum outcome)outcome) {
    case OUTCOME_DONE:
        return "done";
    case OUTCOME_FAILED:
        return "failed";
    case OUTCOME_CANCELLED:
        return "cancelled";
    case OUTCOME_KILLED:
        return "killed";
    }
    return "?";
}

const char *outcome_predicate(int64_t outcome)
{
    switch ((enum outcome)outcome) {
    case OUTCOME_DONE:
        return "is done";
    case OUTCOME_FAILED:
        return "has failed";
    case OUTCOME_CANCELLED:
        return "was cancelled";
    case OUTCOME_KILLED:
        return "was killed";
    }
    return "?";
}
