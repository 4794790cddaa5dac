// sweep_report.h - the table of a sweep: mean +- sd over the runs of each configuration, as text,
// CSV, JSON or Markdown, beside what papers report.

#ifndef INKLING_CLI_SWEEP_REPORT_H
#define INKLING_CLI_SWEEP_REPORT_H

#include "cli/run.h"

typedef enum { SWEEP_TEXT, SWEEP_CSV, SWEEP_JSON, SWEEP_MARKDOWN } SweepForm;

// On stdout. outcomes (sweep->n_runs).
NnStatus sweep_report(const NnSweep *sweep, const NnSweepOutcome *outcomes, SweepForm form,
                      NnError *err) NN_MUST_CHECK;

// Notes on stderr which runs are missing, unfinished or failed, and why.
void sweep_report_missing(Term *term, const NnSweep *sweep, const NnSweepOutcome *outcomes);

// "98.05 ± 0.12", "0.0618 ± 0.0010", "15": no sd where there is none, nor of seconds.
void sweep_write_value(char *out, size_t size, NnSweepFigure figure, double mean, double sd);
bool sweep_is_share(NnSweepFigure figure); // told in per cent

#endif
