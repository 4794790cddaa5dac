// event_record.h - the frame around each record of an event file, and the fields of tensorboard's
// event.proto and summary.proto that are written and read here.
//
//     u64 length, u32 masked CRC-32C of these 8 bytes, data, u32 masked CRC-32C of data

#ifndef NN_TRAIN_EVENT_RECORD_H
#define NN_TRAIN_EVENT_RECORD_H

#include <stddef.h>
#include <stdint.h>

#define EVENT_VERSION_PREFIX "brain.Event:"
#define EVENT_VERSION EVENT_VERSION_PREFIX "2" // what the first record of a file says

enum { RECORD_LENGTH = 8, RECORD_CRC = 4, RECORD_HEAD = RECORD_LENGTH + RECORD_CRC };

enum { EVENT_WALL_TIME = 1, EVENT_STEP = 2, EVENT_FILE_VERSION = 3, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1, VALUE_TAG = 1, VALUE_SIMPLE = 2 };

#endif
