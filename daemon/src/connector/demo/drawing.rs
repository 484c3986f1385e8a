//! Draws the pictures of demo shops: flat things in a product's colour before a quiet background.

use super::{
    assortment::Colour,
    shapes::{self, Layer, Paint},
};
use tiny_skia::{Color, FillRule, LineCap, LineJoin, Path, PathBuilder, Pixmap, Stroke, Transform};

/// Shapes are drawn on a board of this many units on each side.
const BOARD: f32 = 200.0;

/// Whether there is a picture of this name, such as `hoodie-blue`.
pub(super) fn can_draw(name: &str) -> bool {
    parse(name).is_some()
}

/// A PNG of `size` pixels on each side. `None`: there is no picture of this name.
pub(super) fn draw(name: &str, size: u32) -> Option<Vec<u8>> {
    let (layers, colour) = parse(name)?;
    Some(png(layers, &Hues::of(colour), size))
}

/// A picture frame, in one of a few colours, for pictures whose bytes are not known.
pub(super) fn draw_placeholder(key: u64, size: u32) -> Vec<u8> {
    let colour = Colour::ALL[usize::try_from(key % 16).expect("it is below 16")];
    png(shapes::FRAME, &Hues::of(colour), size)
}

fn parse(name: &str) -> Option<(&'static [Layer], Colour)> {
    let (kind, slug) = name.rsplit_once('-')?;
    let colour = Colour::ALL.into_iter().find(|colour| colour.slug() == slug)?;
    Some((shapes::of(kind)?, colour))
}

fn png(layers: &[Layer], hues: &Hues, size: u32) -> Vec<u8> {
    let mut board = Pixmap::new(size, size).expect("a size is above zero");
    board.fill(hues.ground.color(1.0));
    #[expect(
        clippy::cast_precision_loss,
        reason = "a size is far below where f32 gets coarse"
    )]
    let scale = Transform::from_scale(size as f32 / BOARD, size as f32 / BOARD);
    for Layer { paint, stroke, path } in layers {
        let path = read(path);
        let (rgb, opacity) = hues.mix(*paint);
        let mut brush = tiny_skia::Paint::default();
        brush.set_color(rgb.color(opacity));
        if *stroke > 0.0 {
            let pen = Stroke {
                width: *stroke,
                line_cap: LineCap::Round,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            board.stroke_path(&path, &brush, &pen, scale, None);
        } else {
            board.fill_path(&path, &brush, FillRule::EvenOdd, scale, None);
        }
    }
    encode(&board)
}

/// Nothing shines through the ground, so premultiplied colours are the colours themselves.
fn encode(board: &Pixmap) -> Vec<u8> {
    use image::{ExtendedColorType, ImageEncoder, codecs::png};
    let mut bytes = Vec::new();
    // Flat areas shrink best, and quickest, as they are.
    png::PngEncoder::new_with_quality(
        &mut bytes,
        png::CompressionType::Default,
        png::FilterType::NoFilter,
    )
    .write_image(
        board.data(),
        board.width(),
        board.height(),
        ExtendedColorType::Rgba8,
    )
    .expect("memory takes everything");
    bytes
}

/// The colours of one picture.
struct Hues {
    main: Rgb,
    ground: Rgb,
    halo: (Rgb, f32),
}

#[derive(Clone, Copy)]
struct Rgb([f32; 3]);

impl Hues {
    fn of(colour: Colour) -> Self {
        let main = Rgb::hex(colour.rgb());
        let halo = (Rgb::hex(0xff_ffff), 0.45);
        // What is very dark would make its ground grey, and what is white would not stand out from a light one.
        let (ground, halo) = match colour {
            Colour::White => (Rgb::hex(0xe0_e6ea), (Rgb::hex(0xc4_d0da), 1.0)),
            Colour::Black => (Rgb::hex(0xe5_e6ea), halo),
            Colour::Navy => (Rgb::hex(0xdc_e4f0), halo),
            _ => (Rgb::hex(0xf7_f4ef).towards(main, 0.13), halo),
        };
        Self { main, ground, halo }
    }

    fn mix(&self, paint: Paint) -> (Rgb, f32) {
        let (black, white) = (Rgb::hex(0x1d_2230), Rgb::hex(0xff_ffff));
        match paint {
            Paint::Main => (self.main, 1.0),
            Paint::Dark => (self.main.towards(black, 0.2), 1.0),
            Paint::Deep => (self.main.towards(black, 0.42), 1.0),
            Paint::Light => (self.main.towards(white, 0.24), 1.0),
            Paint::Pale => (self.main.towards(white, 0.55), 1.0),
            Paint::Shadow => (black, 0.1),
            Paint::Halo => self.halo,
            Paint::Glow => (white, 0.45),
            Paint::Ink => (Rgb::hex(0x33_3844), 1.0),
            Paint::Paper => (Rgb::hex(0xfb_f8f2), 1.0),
            Paint::Wood => (Rgb::hex(0xc9_9c6b), 1.0),
            Paint::DarkWood => (Rgb::hex(0xa8_7b4d), 1.0),
            Paint::Leaf => (Rgb::hex(0x5f_9468), 1.0),
            Paint::DarkLeaf => (Rgb::hex(0x45_7552), 1.0),
            Paint::Flame => (Rgb::hex(0xf2_b04f), 1.0),
            Paint::Brass => (Rgb::hex(0xcf_a65a), 1.0),
        }
    }
}

impl Rgb {
    fn hex(rgb: u32) -> Self {
        let [_, r, g, b] = rgb.to_be_bytes();
        Self([r, g, b].map(|part| f32::from(part) / 255.0))
    }

    fn towards(self, other: Self, share: f32) -> Self {
        let Self([r, g, b]) = self;
        let Self([r2, g2, b2]) = other;
        Self([r + (r2 - r) * share, g + (g2 - g) * share, b + (b2 - b) * share])
    }

    fn color(self, opacity: f32) -> Color {
        let Self([r, g, b]) = self;
        Color::from_rgba(r, g, b, opacity).expect("mixed colours are from 0 to 1")
    }
}

/// Reads the small part of SVG's path notation that the shapes are written in: absolute M, L, Q, C and Z, and `O x y
/// rx ry` for an ellipse.
fn read(text: &str) -> Path {
    let mut path = PathBuilder::new();
    let mut words = text.split_whitespace();
    while let Some(verb) = words.next() {
        let mut number = || -> f32 {
            let word = words.next().expect("a shape's verb has all of its numbers");
            word.parse().expect("a shape is made of verbs and numbers")
        };
        match verb {
            "M" => path.move_to(number(), number()),
            "L" => path.line_to(number(), number()),
            "Q" => path.quad_to(number(), number(), number(), number()),
            "C" => path.cubic_to(number(), number(), number(), number(), number(), number()),
            "O" => {
                let (x, y, rx, ry) = (number(), number(), number(), number());
                let oval = tiny_skia::Rect::from_ltrb(x - rx, y - ry, x + rx, y + ry);
                path.push_oval(oval.expect("an ellipse has a width and a height"));
            }
            "Z" => path.close(),
            other => unreachable!("a shape has no verb `{other}`"),
        }
    }
    path.finish().expect("a shape is not empty")
}
