/*
 * Any bytes as a configuration: it loads, or the error is one that a terminal can show.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char path[] = "/etc/noticed/noticed.yaml";
    struct config *config = NULL;
    char error[CONFIG_ERROR_BYTES];

    if (size > 4096)
        return 0;
    char *text = malloc(size + 1);
    check(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    int result = config_parse(path, text, size, &config, error);
    free(text);
    if (result == 0) {
        check(config->ledger != NULL && config->marks.count > 0);
        check(config->lanes >= 1 && config->lanes <= CONFIG_LANES_MAX);
        check((config->queue_bytes & (config->queue_bytes - 1)) == 0);
        config = config_free(config);
        return 0;
    }
    check(result == -EINVAL && config == NULL);
    check(strncmp(error, path, sizeof(path) - 1) == 0);
    for (const char *at = error; *at != '\0'; at++)
        check(*at == '\n' || (*at >= 0x20 && *at <= 0x7e));
    return 0;
}
