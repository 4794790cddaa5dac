#include "base/json_text.h"

#include <pthread.h>
#include <stdint.h>

#include "base/alloc.h"

static void give_allocator(void) {
    json_set_alloc_funcs(mem_malloc, mem_free);
}

// Blocks jansson took before are freed alike, as mem_free is free.
static void prepare(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, give_allocator);
}

json_t *json_text_parse(const void *bytes, size_t n, size_t flags, json_error_t *fault,
                        bool *no_memory) {
    prepare();
    uint64_t before = mem_refusal_count();
    json_t *value = json_loadb(bytes, n, flags, fault);
    *no_memory = mem_refusal_count() != before;
    if (*no_memory) {
        json_decref(value);
        return NULL;
    }
    return value;
}

char *json_text_make(const json_t *value, size_t flags) {
    prepare();
    uint64_t before = mem_refusal_count();
    char *text = json_dumps(value, flags);
    if (mem_refusal_count() != before) {
        mem_free(text);
        return NULL;
    }
    return text;
}

// jansson frees the item itself where it cannot add it.
json_t *json_text_push(json_t *owned_array, json_t *owned_item) {
    if (json_array_append_new(owned_array, owned_item) != 0) {
        json_decref(owned_array);
        return NULL;
    }
    return owned_array;
}

json_t *json_text_put(json_t *owned_object, const char *key, json_t *owned_item) {
    if (json_object_set_new(owned_object, key, owned_item) != 0) {
        json_decref(owned_object);
        return NULL;
    }
    return owned_object;
}
