// A page with every widget on it: random events by the thousand, memory that runs out, frames that
// ask the system for nothing.

#include "fake_ui.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/rng.h"

static const char *const TABS[] = {"Draw", "Train", "Errors"};
static const char *const DIGITS[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};

typedef struct {
    int tab, panel, data;
    bool on;
    float brush, epoch, scroll, inner_scroll;
    char name[24];
    float bars[10];
    float x[40], loss[40];
    uint8_t picture[28 * 28];
} Page;

static void page_init(Page *page) {
    memset(page, 0, sizeof *page);
    for (int i = 0; i < 40; i++) {
        page->x[i] = (float)i;
        page->loss[i] = i == 7 ? NAN : 2 / (1 + (float)i);
    }
    page->bars[7] = 0.96f;
}

static void controls(Ui *ui, Page *page, UiRect rest) {
    UiRect row = ui_cut_top(&rest, 40);
    for (int i = 0; i < 3; i++) {
        if (ui_tab(ui, TABS[i], ui_cut_left(&row, 70), page->tab == i)) {
            page->tab = i;
        }
    }
    ui_icon_button(ui, "projector", ui_cut_right(&row, 32), ICON_PROJECTOR, page->on);
    ui_tooltip(ui, "Large type and thick lines, for a projector in a room that is not dark");
    row = ui_cut_top(&rest, 40);
    ui_segmented(ui, "panel", ui_cut_left(&row, 200), TABS, 3, &page->panel);
    ui_toggle(ui, "pen width", ui_cut_left(&row, 60), &page->on);
    ui_choice(ui, "digit", ui_cut_left(&row, 120), DIGITS, 10, &page->data);
    ui_text_field(ui, "writer", ui_cut_left(&row, 140), page->name, sizeof page->name);
    row = ui_cut_top(&rest, 40);
    ui_slider(ui, "brush", ui_cut_left(&row, 150), &page->brush, 0, 1);
    ui_slider_steps(ui, "epoch", ui_cut_left(&row, 150), &page->epoch, 0, 10, 1);
    ui_push_disabled(ui, !page->on);
    ui_button(ui, "Undo", ui_cut_left(&row, 70));
    if (ui_button_primary(ui, "Clear", ui_cut_left(&row, 70))) {
        ui_open_popup(ui, ui_id(ui, "sure?"));
    }
    ui_pop_disabled(ui);
    if (ui_begin_popup(ui, ui_id(ui, "sure?"), (UiRect){200, 200, 220, 120})) {
        ui_button(ui, "Yes", (UiRect){210, 210, 80, 32});
        ui_choice(ui, "nested", (UiRect){210, 250, 120, 32}, DIGITS, 10, &page->data);
        ui_end_popup(ui);
    }
}

static void figures(Ui *ui, Page *page, UiRect rest) {
    UiRect left = ui_cut_left(&rest, rest.w / 2);
    const UiEvent *events = NULL;
    size_t n = 0;
    ui_region(ui, "canvas", ui_cut_top(&left, 180), true, &events, &n);
    for (size_t i = 0; i < n; i++) {
        assert_true(events[i].kind != EVENT_DROP);
    }
    UiSeries series = {.x = page->x, .y = page->loss, .n = 40, .label = "train", .best = 3};
    ui_plot(ui, "loss", left, &(UiPlot){.log_y = page->on, .ease = true}, &series, 1);
    UiRect content = ui_begin_scroll(ui, "page", rest, 900, &page->scroll);
    ui_bars(ui, "bars", ui_cut_top(&content, 170), page->bars, DIGITS, 10, 7, THEME_ACCENT);
    UiRect list = ui_begin_scroll(ui, "list", ui_cut_top(&content, 120), 400, &page->inner_scroll);
    for (int i = 0; i < 12; i++) {
        ui_push_id_int(ui, i);
        UiRect row = ui_cut_top(&list, 32);
        ui_link(ui, "show", ui_cut_left(&row, 60));
        ui_textf(ui, row, FONT_SMALL, THEME_SOFT, ALIGN_RIGHT, "%d digits", i);
        draw_image(ui_list(ui), row, page->picture, 28, 28, ui_theme(ui)->picture_palette, false,
                   3);
        ui_pop_id(ui);
    }
    ui_end_scroll(ui);
    ui_paragraph(ui, content, FONT_BODY, THEME_SOFT, "Each switch leaves out its step.", false);
    ui_end_scroll(ui);
}

static void page_frame(FakeUi *fake, Page *page) {
    Ui *ui = fake_begin(fake);
    UiRect rest = ui_inset((UiRect){0, 0, fake->input.width, fake->input.height}, 24);
    controls(ui, page, ui_cut_top(&rest, 120));
    if (page->tab != 1) { // so that half the widgets vanish and come back
        figures(ui, page, rest);
    }
    (void)ui_key(ui, 'z', MOD_CTRL);
    fake_end(fake);
    assert_int_equal(ui_duplicate_ids(ui), 0);
}

// Text, lines and images appear only inside the clip that is in force, and every clip inside the
// window.
static void check_clips(const FakeUi *fake) {
    const DrawList *list = ui_draws(fake->ui);
    assert_int_equal(list->commands[0].kind, DRAW_CLIP);
    for (size_t i = 0; i < list->n; i++) {
        UiRect rect = list->commands[i].rect;
        assert_true(isfinite(rect.x) && isfinite(rect.y) && isfinite(rect.w) && isfinite(rect.h));
        if (list->commands[i].kind == DRAW_CLIP) {
            assert_true(rect.w >= 0 && rect.h >= 0);
            if (rect.w > 0 && rect.h > 0) {
                assert_true(rect.x >= 0 && rect.y >= 0);
                assert_true(rect.x + rect.w <= fake->input.width + 0.01f);
                assert_true(rect.y + rect.h <= fake->input.height + 0.01f);
            }
        }
    }
}

// --- monkeys -------------------------------------------------------------------------------------

static void random_event(FakeUi *fake, Rng *rng) {
    static const int keys[] = {KEY_TAB,       KEY_TAB,    KEY_ENTER, KEY_SPACE,   KEY_ESCAPE,
                               KEY_LEFT,      KEY_RIGHT,  KEY_UP,    KEY_DOWN,    KEY_HOME,
                               KEY_END,       KEY_DELETE, 'a',       'v',         'x',
                               KEY_BACKSPACE, KEY_F1,     'z',       KEY_PAGE_UP, KEY_PAGE_DOWN};
    static const char *const texts[] = {"a", "\u00e9", "\U0001F58A", "7", " "};
    UiEventKind kind = (UiEventKind)rng_below(rng, EVENT_WAKE + 1);
    if (kind == EVENT_LEAVE && rng_below(rng, 4) > 0) {
        kind = EVENT_DOWN;
    }
    UiEvent *event = fake_event(fake, kind);
    event->x = rng_uniform(rng, -40, fake->input.width + 40);
    event->y = rng_uniform(rng, -40, fake->input.height + 40);
    event->dy = rng_uniform(rng, -3, 3);
    event->pointer = rng_below(rng, 3) > 0 ? 0 : (int)rng_below(rng, 15);
    event->button = 1 + (int)rng_below(rng, 3);
    event->clicks = 1 + (int)rng_below(rng, 3);
    event->key = keys[rng_below(rng, sizeof keys / sizeof keys[0])];
    event->mods = rng_below(rng, 3) == 0 ? (int)rng_below(rng, 8) : 0;
    event->repeat = rng_below(rng, 5) == 0;
    snprintf(event->text, sizeof event->text, "%s", texts[rng_below(rng, 5)]);
}

static void five_thousand_random_events_do_no_harm(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    Page page;
    page_init(&page);
    Rng rng = rng_at(2024, RNG_STREAM_TEST, 0);
    for (int sent = 0; sent < 5000;) {
        for (uint32_t n = rng_below(&rng, 6); n > 0; n--, sent++) {
            random_event(&fake, &rng);
        }
        if (rng_below(&rng, 50) == 0) {
            fake.input.width = rng_uniform(&rng, 0, 1600);
            fake.input.height = rng_uniform(&rng, 0, 1000);
            fake.input.scale = rng_uniform(&rng, 0.75f, 3);
            theme_make(&fake.theme, rng_below(&rng, 2) == 0, rng_below(&rng, 2) == 0, true);
        }
        page_frame(&fake, &page);
        check_clips(&fake);
        assert_true(isfinite(page.brush) && page.brush >= 0 && page.brush <= 1);
        assert_true(page.epoch == roundf(page.epoch) && page.epoch >= 0 && page.epoch <= 10);
        assert_true(page.scroll >= 0 && page.scroll <= 900);
        assert_true(page.tab >= 0 && page.tab < 3 && page.panel >= 0 && page.panel < 3);
        assert_true(page.data >= 0 && page.data < 10);
        assert_true(strlen(page.name) < sizeof page.name);
    }
    fake_release(&fake);
}

// --- memory --------------------------------------------------------------------------------------

static void a_steady_frame_asks_the_system_for_nothing(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    Page page;
    page_init(&page);
    uint64_t warm = 0;
    for (int frame = 0; frame < 400; frame++) {
        if (frame == 100) {
            warm = mem_request_count();
        }
        // Someone draws, hovers and scrolls all the while.
        float x = 40 + (float)(frame % 100) * 6, y = 200 + (float)(frame % 37) * 9;
        fake_pointer(&fake,
                     frame % 20 == 0    ? EVENT_DOWN
                     : frame % 20 == 15 ? EVENT_UP
                                        : EVENT_MOVE,
                     x, y);
        fake_wheel(&fake, 600, 300, frame % 2 == 0 ? 1 : -1);
        page.bars[3] = (float)(frame % 10) / 10;
        page_frame(&fake, &page);
    }
    assert_int_equal(mem_request_count(), warm);
    fake_release(&fake);
}

static void vanished_widgets_do_not_fill_the_tables(void **state) {
    (void)state;
    FakeUi fake;
    fake_init(&fake, true);
    uint64_t warm = 0;
    for (int frame = 0; frame < 2000; frame++) {
        if (frame == 50) {
            warm = mem_request_count();
        }
        Ui *ui = fake_begin(&fake);
        for (int i = 0; i < 20; i++) { // other ids in every frame
            ui_push_id_int(ui, frame * 20 + i);
            ui_button(ui, "Save", (UiRect){0, (float)i * 20, 60, 20});
            ui_pop_id(ui);
        }
        fake_end(&fake);
    }
    assert_int_equal(mem_request_count(), warm);
    fake_release(&fake);
}

// The n-th request fails, for every n until a run gets through: widgets may be missing, nothing
// breaks.
static void running_out_of_memory_loses_widgets_and_nothing_else(void **state) {
    (void)state;
    bool through = false;
    for (uint64_t nth = 1; !through; nth++) {
        assert_true(nth < 500);
        for (int for_ever = 0; for_ever < 2; for_ever++) {
            FakeUi fake;
            memset(&fake, 0, sizeof fake);
            theme_make(&fake.theme, false, false, true);
            fake.input = (UiInput){.events = fake.events, .width = 800, .height = 600, .scale = 1};
            uint64_t before = mem_request_count();
            mem_fail_at(nth, for_ever != 0);
            fake.ui = ui_new(fake_measure, NULL);
            Page page;
            page_init(&page);
            for (int frame = 0; fake.ui != NULL && frame < 4; frame++) {
                fake_click(&fake, 60 + (float)frame * 100, 80);
                page_frame(&fake, &page);
            }
            through = mem_request_count() - before < nth;
            mem_fail_at(0, false);
            ui_free(fake.ui);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_thousand_random_events_do_no_harm),
        cmocka_unit_test(a_steady_frame_asks_the_system_for_nothing),
        cmocka_unit_test(vanished_widgets_do_not_fill_the_tables),
        cmocka_unit_test(running_out_of_memory_loses_widgets_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
