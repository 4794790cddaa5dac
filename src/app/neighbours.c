#include "app/neighbours.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "app/feature_index.h"
#include "app/recogniser.h"
#include "base/alloc.h"
#include "base/mailbox.h"
#include "base/patience.h"
#include "base/thread.h"

typedef struct {
    unsigned query;
    int n;
    float features[NEIGHBOURS_FEATURES_MAX];
} Query;

struct Neighbours {
    const NnModel *model;
    const char *set;
    void (*wake)(void *user);
    void *user;
    Mailbox *queries;  // UI -> thread
    Mailbox *findings; // thread -> UI
    Thread thread;
    Mutex mutex; // guards nothing but the sleep of the thread
    Cond news;
    bool has_news; // under mutex
    atomic_bool stop;
    unsigned asked; // UI's side: the last query
};

static void publish(Neighbours *self, const Findings *findings) {
    memcpy(mailbox_back(self->findings), findings, sizeof *findings);
    mailbox_publish(self->findings);
    if (self->wake != NULL) {
        self->wake(self->user);
    }
}

static void answer(FeatureIndex *index, const Query *query, Findings *findings) {
    findings->query = query->query;
    findings->indexed = feature_index_count(index);
    findings->n =
        feature_index_nearest(index, query->features, findings->nearest, NEIGHBOURS_SHOWN);
}

static void work(void *user) {
    Neighbours *self = user;
    Findings *findings = mem_new(1, sizeof *findings);
    if (findings == NULL) {
        return;
    }
    NnError err = {0};
    FeatureIndex *index = feature_index_new(self->model, self->set, &err);
    if (index == NULL) {
        (void)snprintf(findings->trouble, sizeof findings->trouble, "%s%s%s", err.message,
                       err.hint[0] != '\0' ? " " : "", err.hint);
        publish(self, findings);
        mem_free(findings);
        return;
    }
    findings->total = feature_index_total(index);
    bool growing = true;
    Query query = {0};
    while (!atomic_load(&self->stop)) {
        bool fresh;
        const Query *newest = mailbox_latest(self->queries, &fresh);
        if (fresh) {
            query = *newest;
        }
        bool grew = false;
        if (growing && !fresh) {
            growing = feature_index_grow(index, &err);
            grew = true;
            if (err.status != NN_OK) {
                (void)snprintf(findings->trouble, sizeof findings->trouble, "%.200s", err.message);
            }
        }
        // While the index grows, a standing question is answered again now and then, and at the
        // end.
        size_t count = feature_index_count(index);
        bool again = grew && (!growing || count - findings->indexed >= 3000);
        if (fresh || again) {
            findings->indexed = count;
            if (query.n > 0) {
                answer(index, &query, findings);
            } else {
                findings->query = query.query;
                findings->n = 0;
            }
            publish(self, findings);
        }
        if (!growing) {
            mutex_lock(&self->mutex);
            while (!self->has_news && !atomic_load(&self->stop)) {
                cond_wait(&self->news, &self->mutex);
            }
            self->has_news = false;
            mutex_unlock(&self->mutex);
        }
    }
    feature_index_free(index);
    mem_free(findings);
}

Neighbours *neighbours_new(const NnModel *model, const char *set, void (*wake)(void *user),
                           void *user) {
    int layer = recogniser_feature_layer(model);
    if (layer < 0 || nn_model_arch(model)->layers[layer].n_out > NEIGHBOURS_FEATURES_MAX) {
        return NULL;
    }
    Neighbours *self = mem_new(1, sizeof *self);
    if (self == NULL) {
        return NULL;
    }
    self->model = model;
    self->set = set;
    self->wake = wake;
    self->user = user;
    mutex_init(&self->mutex);
    cond_init(&self->news);
    self->queries = mailbox_new(sizeof(Query));
    self->findings = mailbox_new(sizeof(Findings));
    if (self->queries == NULL || self->findings == NULL ||
        !thread_start(&self->thread, work, self, true)) {
        neighbours_free(self);
        return NULL;
    }
    return self;
}

static void signal_news(Neighbours *self) {
    mutex_lock(&self->mutex);
    self->has_news = true;
    cond_signal(&self->news);
    mutex_unlock(&self->mutex);
}

void neighbours_free(Neighbours *self) {
    if (self == NULL) {
        return;
    }
    atomic_store(&self->stop, true);
    signal_news(self);
    thread_join(&self->thread);
    mailbox_free(self->queries);
    mailbox_free(self->findings);
    cond_release(&self->news);
    mutex_release(&self->mutex);
    mem_free(self);
}

void neighbours_ask(Neighbours *self, unsigned query, const float *features, int n) {
    Query *slot = mailbox_back(self->queries);
    slot->query = query;
    slot->n = n;
    memcpy(slot->features, features, (size_t)n * sizeof *features);
    mailbox_publish(self->queries);
    self->asked = query;
    signal_news(self);
}

const Findings *neighbours_latest(Neighbours *self) {
    return mailbox_latest(self->findings, NULL);
}

bool neighbours_settle(Neighbours *self, double seconds) {
    Patience patience = patience_begin(seconds);
    for (;;) {
        const Findings *findings = neighbours_latest(self);
        if (findings->trouble[0] != '\0' ||
            (findings->total > 0 && findings->query == self->asked &&
             findings->indexed == findings->total)) {
            return true;
        }
        if (seconds <= 0 || patience_is_over(&patience)) {
            return false;
        }
        patience_sleep(&patience);
    }
}
