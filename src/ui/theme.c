// The two themes and their projector forms. Contrast of ink, soft and accent against every ground
// they are set on is at least 4.5:1 (WCAG 2.1), checked by a test; faint is for marks and has 3:1.

#include "ui/theme.h"

#include <math.h>
#include <string.h>

#include "ui/ui_internal.h"

typedef struct {
    Color color[THEME_COLOR_COUNT];
    Color series[8];
} Palette;

#define RGB(hex) (0xFF000000u | 0x##hex##u)

static const Palette LIGHT = {
    .color =
        {
            [THEME_BACKGROUND] = RGB(FAF8F4), [THEME_SURFACE] = RGB(FFFFFF),
            [THEME_INK] = RGB(1D2126),        [THEME_SOFT] = RGB(5F656D),
            [THEME_FAINT] = RGB(8B9097),      [THEME_LINE] = RGB(E6E1D8),
            [THEME_ACCENT] = RGB(2563C9),     [THEME_ACCENT_SOFT] = RGB(DCE7F8),
            [THEME_ON_ACCENT] = RGB(FFFFFF),  [THEME_RIGHT] = RGB(2563C9),
            [THEME_WRONG] = RGB(A94F0C),      [THEME_WRONG_SOFT] = RGB(F8E6D8),
            [THEME_PAPER] = RGB(FFFFFF),      [THEME_PEN] = RGB(16191D),
            [THEME_POSITIVE] = RGB(B2182B),   [THEME_NEGATIVE] = RGB(2166AC),
            [THEME_NEUTRAL] = RGB(FFFFFF),    [THEME_TRACK] = RGB(EFEBE3),
            [THEME_PICTURE] = RGB(0B0D10),
        },
    // Okabe and Ito's hues, darkened until they can be written with. Their orange would then be
    // their vermillion and their sky blue their blue, so a navy, the ink and a grey take the last
    // places.
    .series = {RGB(0072B2), RGB(BA5100), RGB(04805D), RGB(A65684), RGB(7B7303), RGB(123F73),
               RGB(1D2126), RGB(5F656D)},
};

static const Palette DARK = {
    .color =
        {
            [THEME_BACKGROUND] = RGB(14171B), [THEME_SURFACE] = RGB(1B1F24),
            [THEME_INK] = RGB(E9EAEC),        [THEME_SOFT] = RGB(9AA1AA),
            [THEME_FAINT] = RGB(666D77),      [THEME_LINE] = RGB(2B3037),
            [THEME_ACCENT] = RGB(78A9F5),     [THEME_ACCENT_SOFT] = RGB(22314A),
            [THEME_ON_ACCENT] = RGB(0E1420),  [THEME_RIGHT] = RGB(78A9F5),
            [THEME_WRONG] = RGB(F0A05A),      [THEME_WRONG_SOFT] = RGB(3A2A1C),
            [THEME_PAPER] = RGB(0E1013),      [THEME_PEN] = RGB(F4F5F6),
            [THEME_POSITIVE] = RGB(F4776B),   [THEME_NEGATIVE] = RGB(6DB1F0),
            [THEME_NEUTRAL] = RGB(14171B),    [THEME_TRACK] = RGB(252A30),
            [THEME_PICTURE] = RGB(0B0D10),
        },
    .series = {RGB(56B4E9), RGB(E69F00), RGB(00A87B), RGB(CC79A7), RGB(F0E442), RGB(DC6411),
               RGB(E9EAEC), RGB(9AA1AA)},
};

// What a projector in a lit room leaves of a contrast is about a third: no greys that matter,
// grounds at the ends of the scale.
static const Palette LIGHT_PROJECTOR = {
    .color =
        {
            [THEME_BACKGROUND] = RGB(FFFFFF), [THEME_SURFACE] = RGB(FFFFFF),
            [THEME_INK] = RGB(101317),        [THEME_SOFT] = RGB(474D54),
            [THEME_FAINT] = RGB(757B83),      [THEME_LINE] = RGB(D3CDC2),
            [THEME_ACCENT] = RGB(1B53B0),     [THEME_ACCENT_SOFT] = RGB(D3E1F7),
            [THEME_ON_ACCENT] = RGB(FFFFFF),  [THEME_RIGHT] = RGB(1B53B0),
            [THEME_WRONG] = RGB(8F3F05),      [THEME_WRONG_SOFT] = RGB(F6DCC8),
            [THEME_PAPER] = RGB(FFFFFF),      [THEME_PEN] = RGB(000000),
            [THEME_POSITIVE] = RGB(A50F24),   [THEME_NEGATIVE] = RGB(14539A),
            [THEME_NEUTRAL] = RGB(FFFFFF),    [THEME_TRACK] = RGB(E8E3D9),
            [THEME_PICTURE] = RGB(000000),
        },
    .series = {RGB(046DAA), RGB(AD4C03), RGB(067756), RGB(9D4E7B), RGB(716A02), RGB(0E3566),
               RGB(101317), RGB(474D54)},
};

static const Palette DARK_PROJECTOR = {
    .color =
        {
            [THEME_BACKGROUND] = RGB(0B0D10), [THEME_SURFACE] = RGB(14181D),
            [THEME_INK] = RGB(FFFFFF),        [THEME_SOFT] = RGB(C3C9D1),
            [THEME_FAINT] = RGB(79828D),      [THEME_LINE] = RGB(383F48),
            [THEME_ACCENT] = RGB(8FBAFA),     [THEME_ACCENT_SOFT] = RGB(1D3355),
            [THEME_ON_ACCENT] = RGB(0A101C),  [THEME_RIGHT] = RGB(8FBAFA),
            [THEME_WRONG] = RGB(FFB87A),      [THEME_WRONG_SOFT] = RGB(46301C),
            [THEME_PAPER] = RGB(000000),      [THEME_PEN] = RGB(FFFFFF),
            [THEME_POSITIVE] = RGB(FF8A7D),   [THEME_NEGATIVE] = RGB(7FC0FF),
            [THEME_NEUTRAL] = RGB(0B0D10),    [THEME_TRACK] = RGB(232930),
            [THEME_PICTURE] = RGB(000000),
        },
    .series = {RGB(56B4E9), RGB(E69F00), RGB(2BB084), RGB(D582B0), RGB(F0E442), RGB(F47A32),
               RGB(FFFFFF), RGB(C3C9D1)},
};

// Three sizes of text, one of figures, one answer; a projector's type is about 1.35 times as large.
static const Font FONTS[FONT_ROLE_COUNT] = {
    [FONT_SMALL] = {12, WEIGHT_REGULAR},  [FONT_BODY] = {13, WEIGHT_REGULAR},
    [FONT_MEDIUM] = {13, WEIGHT_MEDIUM},  [FONT_STRONG] = {13, WEIGHT_SEMIBOLD},
    [FONT_TITLE] = {16, WEIGHT_SEMIBOLD}, [FONT_FIGURE] = {32, WEIGHT_MEDIUM},
    [FONT_HUGE] = {112, WEIGHT_SEMIBOLD},
};

static const Font PROJECTOR_FONTS[FONT_ROLE_COUNT] = {
    [FONT_SMALL] = {16, WEIGHT_REGULAR},  [FONT_BODY] = {18, WEIGHT_REGULAR},
    [FONT_MEDIUM] = {18, WEIGHT_MEDIUM},  [FONT_STRONG] = {18, WEIGHT_SEMIBOLD},
    [FONT_TITLE] = {22, WEIGHT_SEMIBOLD}, [FONT_FIGURE] = {44, WEIGHT_MEDIUM},
    [FONT_HUGE] = {144, WEIGHT_SEMIBOLD},
};

void theme_make(Theme *theme, bool dark, bool projector, bool motion) {
    const Palette *palette =
        dark ? (projector ? &DARK_PROJECTOR : &DARK) : (projector ? &LIGHT_PROJECTOR : &LIGHT);
    memset(theme, 0, sizeof *theme);
    memcpy(theme->color, palette->color, sizeof theme->color);
    memcpy(theme->series, palette->series, sizeof theme->series);
    memcpy(theme->font, projector ? PROJECTOR_FONTS : FONTS, sizeof theme->font);
    theme->grid = 8;
    theme->margin = 24;
    theme->line_height = projector ? 26 : 20;
    theme->control = projector ? 40 : 32;
    theme->radius = projector ? 8 : 6;
    theme->hairline = projector ? 1.5f : 1;
    theme->stroke = projector ? 3 : 2;
    theme->ease_ms = motion ? 170 : 0;
    theme->dark = dark;
    theme->projector = projector;
    palette_picture(theme->picture_palette, theme->color[THEME_PICTURE], RGB(FFFFFF));
    palette_diverging(theme->diverging_palette, theme->color[THEME_NEGATIVE],
                      theme->color[THEME_NEUTRAL], theme->color[THEME_POSITIVE]);
    palette_sequential(theme->sequential_palette, dark);
}
