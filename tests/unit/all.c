/*
 * The unit tests in one program: it runs that by whose name it is called (links to it have the
 * names, see the Makefile).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UNIT(name) int name##_main(void);
#include UNIT_NAMES
#undef UNIT

static const struct unit {
    const char *name;
    int (*run)(void);
} units[] = {
#define UNIT(name) {#name, name##_main},
#include UNIT_NAMES
#undef UNIT
};

int main(void)
{
    const char *name = program_invocation_short_name;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(units[i].name, name) == 0)
            return units[i].run();
    (void)fprintf(stderr, "%s is no unit test of this program\n", name);
    return 2;
}
