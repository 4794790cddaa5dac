// Colour scales, computed in CIE L*a*b* (D65), where equal distances look equal.

#include "ui/ui_internal.h"

#include <math.h>

typedef struct {
    float L, a, b;
} Lab;

static float decode(unsigned byte) {
    float v = (float)byte / 255;
    return v <= 0.04045f ? v / 12.92f : powf((v + 0.055f) / 1.055f, 2.4f);
}

static unsigned encode(float v) {
    v = fmaxf(0, fminf(v, 1));
    v = v <= 0.0031308f ? 12.92f * v : 1.055f * powf(v, 1 / 2.4f) - 0.055f;
    return (unsigned)lroundf(v * 255);
}

static float lab_of(float t) {
    const float knee = 6.0f / 29;
    return t > knee * knee * knee ? cbrtf(t) : t / (3 * knee * knee) + 4.0f / 29;
}

static float lab_back(float t) {
    const float knee = 6.0f / 29;
    return t > knee ? t * t * t : 3 * knee * knee * (t - 4.0f / 29);
}

// sRGB's primaries and the white of D65, IEC 61966-2-1.
static Lab to_lab(Color color) {
    float r = decode(color >> 16 & 255), g = decode(color >> 8 & 255), b = decode(color & 255);
    float x = lab_of((0.4124564f * r + 0.3575761f * g + 0.1804375f * b) / 0.95047f);
    float y = lab_of(0.2126729f * r + 0.7151522f * g + 0.0721750f * b);
    float z = lab_of((0.0193339f * r + 0.1191920f * g + 0.9503041f * b) / 1.08883f);
    return (Lab){116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

static Color from_lab(Lab lab) {
    float fy = (lab.L + 16) / 116;
    float x = 0.95047f * lab_back(fy + lab.a / 500);
    float y = lab_back(fy);
    float z = 1.08883f * lab_back(fy - lab.b / 200);
    unsigned r = encode(3.2404542f * x - 1.5371385f * y - 0.4985314f * z);
    unsigned g = encode(-0.9692660f * x + 1.8760108f * y + 0.0415560f * z);
    unsigned b = encode(0.0556434f * x - 0.2040259f * y + 1.0572252f * z);
    return 0xFF000000u | r << 16 | g << 8 | b;
}

// From violet over blue and green to yellow: lightness rises evenly from 16 to 92, so the scale
// reads in grey, too; a* and b* are quartics through five colours chosen to stay inside sRGB all
// the way. Little is dark on dark ground and pale on light ground: what is nothing recedes.
void palette_sequential(Color *out, bool dark) {
    for (int i = 0; i < 256; i++) {
        float t = (float)(dark ? i : 255 - i) / 255;
        float a = (((-5.91997f * t + 297.54125f) * t - 303.62954f) * t - 31.99175f) * t + 32;
        float b = (((-41.12568f * t - 22.13170f) * t + 237.68372f) * t - 62.42634f) * t - 34;
        out[i] = from_lab((Lab){16 + 76 * t, a, b});
    }
}

// Both arms leave the middle with the same speed in lightness; the middle is entry 128.
void palette_diverging(Color *out, Color negative, Color neutral, Color positive) {
    Lab middle = to_lab(neutral);
    for (int i = 0; i < 256; i++) {
        Lab end = to_lab(i < 128 ? negative : positive);
        float t = i < 128 ? (float)(128 - i) / 128 : (float)(i - 128) / 127;
        out[i] =
            from_lab((Lab){middle.L + (end.L - middle.L) * t, middle.a + (end.a - middle.a) * t,
                           middle.b + (end.b - middle.b) * t});
    }
}

// Between the ground of pictures and white, even in encoded values: what the network is fed is a
// linear byte, and the eye takes encoded steps as even.
void palette_picture(Color *out, Color ground, Color ink) {
    for (int i = 0; i < 256; i++) {
        out[i] = color_mix(ground, ink, (float)i / 255);
    }
}

Color color_mix(Color a, Color b, float t) {
    t = fmaxf(0, fminf(t, 1));
    Color mixed = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) {
        float from = (float)(a >> shift & 255), to = (float)(b >> shift & 255);
        mixed |= (Color)lroundf(from + (to - from) * t) << shift;
    }
    return mixed;
}

Color color_alpha(Color color, float alpha) {
    float scaled = (float)(color >> 24) * fmaxf(0, fminf(alpha, 1));
    return (color & 0xFFFFFF) | (Color)lroundf(scaled) << 24;
}
