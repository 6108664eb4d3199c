// SPDX-License-Identifier: GPL-3.0-or-later
// Used while building, not in forklab: writes the bytes of files into a table in C.
//     embed TABLE OUT.c FILE...
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void embed_fail(const char *file)
{
    perror(file);
    exit(EXIT_FAILURE);
}

// Writes one file as a list of numbers, which has no longest line as a string has, and a 0.
static void embed_file(FILE *out, size_t number, const char *path)
{
    FILE *in = fopen(path, "rb");
    int byte, count = 0;
    if (!in)
        embed_fail(path);
    fprintf(out, "static const char bytes_%zu[] = {", number);
    while ((byte = getc(in)) != EOF)
        fprintf(out, "%s%d,", count++ % 20 == 0 ? "\n" : "", byte > 127 ? byte - 256 : byte);
    fprintf(out, "0};\n");
    if (ferror(in) || fclose(in) != 0)
        embed_fail(path);
}

static const char *embed_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: embed TABLE OUT.c FILE...\n");
        return EXIT_FAILURE;
    }
    FILE *out = fopen(argv[2], "w");
    if (!out)
        embed_fail(argv[2]);
    fprintf(out, "#include \"base/embedded.h\"\n");
    for (int i = 3; i < argc; i++)
        embed_file(out, (size_t)i, argv[i]);
    fprintf(out, "const struct embedded embedded_%s[] = {\n", argv[1]);
    for (int i = 3; i < argc; i++)
        fprintf(out, "    {\"%s\", bytes_%d, sizeof bytes_%d - 1},\n", embed_name(argv[i]), i, i);
    fprintf(out, "    {0}};\n");
    if (ferror(out) || fclose(out) != 0)
        embed_fail(argv[2]);
    return EXIT_SUCCESS;
}
