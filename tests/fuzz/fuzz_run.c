// The files of a run's folder: whatever is accepted reads back as the same, whatever is refused says
// why.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "train/run_config.h"
#include "train/run_files.h"
#include "train/run_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void require(int holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static void check(NnStatus status, const NnError *err) {
    if (status != NN_OK) {
        require(status == NN_ERR_FORMAT && err->status == status, "a refusal has its status");
        require(err->message[0] != '\0', "a refusal has its reason");
        for (const char *c = err->message; *c != '\0'; c++) {
            require((unsigned char)*c >= 0x20, "a message cannot drive a terminal");
        }
    }
}

static void config(const uint8_t *bytes, size_t n) {
    RunIdentity identity, again;
    NnError err = {0};
    NnStatus status = run_config_parse(bytes, n, "fuzz", &identity, &err);
    check(status, &err);
    if (status == NN_OK) {
        char *text = run_config_text(&identity);
        require(text != NULL, "an accepted one can be written");
        require(run_config_parse(text, strlen(text), "again", &again, NULL) == NN_OK,
                "what was written is read");
        require(run_difference(&identity, &again, true) == NULL, "and is the same");
        mem_free(text);
    }
}

static void records(const uint8_t *bytes, size_t n) {
    NnError err = {0};
    size_t count, count_again;
    NnEpochRecord *list = run_records_parse(bytes, n, "fuzz", &count, &err);
    check(err.status, &err);
    for (size_t i = 0; i < count; i++) {
        require(list[i].epoch > (i > 0 ? list[i - 1].epoch : 0), "epochs follow each other");
        char *line = run_record_json(&list[i]);
        char *row = run_record_csv(&list[i]);
        require(line != NULL && row != NULL, "an accepted one can be written");
        NnEpochRecord *again =
            run_records_parse((const uint8_t *)line, strlen(line), "again", &count_again, &err);
        require(count_again == 1 && again[0].epoch == list[i].epoch, "what was written is read");
        mem_free(again);
        mem_free(row);
        mem_free(line);
    }
    mem_free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    NnRunResult result;
    config(bytes, n);
    records(bytes, n);
    bool read = run_result_parse(bytes, n, &result);
    require(read == (result.state != NN_RUN_STARTED), "a result says how it ended");
    require(strchr(result.network, '/') == NULL, "the network lies in the folder");
    return 0;
}
