//! The things that can be drawn, each as layers from the back to the front, on a board of 200 by 200.

/// A filled or stroked path in one colour.
#[derive(Debug)]
pub(super) struct Layer {
    pub paint: Paint,
    /// The width of the pen; 0 fills.
    pub stroke: f32,
    /// In the notation that `drawing` reads.
    pub path: &'static str,
}

/// Colours by their part in a picture; the first five are shades of the product's own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Paint {
    Main,
    Dark,
    Deep,
    Light,
    Pale,
    Shadow,
    Halo,
    Glow,
    Ink,
    Paper,
    Wood,
    DarkWood,
    Leaf,
    DarkLeaf,
    Flame,
    Brass,
}

use Paint::{
    Brass, Dark, DarkLeaf, DarkWood, Deep, Flame, Glow, Halo, Ink, Leaf, Light, Main, Pale, Paper, Shadow,
    Wood,
};

/// The layers of a kind of thing.
pub(super) fn of(kind: &str) -> Option<&'static [Layer]> {
    Some(match kind {
        "tee" => TEE,
        "hoodie" => HOODIE,
        "sweater" => SWEATER,
        "shirt" => SHIRT,
        "jacket" => JACKET,
        "trousers" => TROUSERS,
        "dress" => DRESS,
        "cap" => CAP,
        "beanie" => BEANIE,
        "scarf" => SCARF,
        "socks" => SOCKS,
        "sneakers" => SNEAKERS,
        "backpack" => BACKPACK,
        "tote" => TOTE,
        "mug" => MUG,
        "teapot" => TEAPOT,
        "bottle" => BOTTLE,
        "candle" => CANDLE,
        "plant-pot" => PLANT_POT,
        "vase" => VASE,
        "lamp" => LAMP,
        "chair" => CHAIR,
        "cushion" => CUSHION,
        "clock" => CLOCK,
        "notebook" => NOTEBOOK,
        _ => return None,
    })
}

const fn fill(paint: Paint, path: &'static str) -> Layer {
    Layer {
        paint,
        stroke: 0.0,
        path,
    }
}

const fn line(paint: Paint, stroke: f32, path: &'static str) -> Layer {
    Layer { paint, stroke, path }
}

/// A light disc behind the thing.
const HALO: Layer = fill(Halo, "O 100 98 80 80");
/// The shadow of what stands.
const FLOOR: Layer = fill(Shadow, "O 100 163 56 7");

static TEE: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 76 50 L 124 50 Q 150 60 170 80 L 154 107 L 140 101 L 141 166 Q 141 170 137 170 L 69 170 Q 65 170 65 166 L 66 101 L 50 107 L 34 80 Q 50 60 76 50 Z",
    ),
    fill(
        Main,
        "M 76 42 Q 100 62 124 42 Q 150 52 168 73 L 152 101 L 137 93 L 138 158 Q 138 162 134 162 L 66 162 Q 62 162 62 158 L 63 93 L 48 101 L 32 73 Q 50 52 76 42 Z",
    ),
    fill(Dark, "M 63 93 L 66 76 L 69 162 L 66 162 Q 62 162 62 158 Z"),
    fill(Dark, "M 137 93 L 134 76 L 131 162 L 134 162 Q 138 162 138 158 Z"),
    line(Dark, 2.0, "M 37 77 Q 44 87 53 95 M 163 77 Q 156 87 147 95"),
    fill(Deep, "M 76 42 Q 100 50 124 42 Q 100 62 76 42 Z"),
    line(Dark, 4.0, "M 77 43 Q 100 63 123 43"),
    line(Light, 2.0, "M 70 154 L 130 154"),
];

static HOODIE: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 72 66 Q 56 70 50 88 L 36 154 L 54 160 L 64 130 L 64 168 L 140 168 L 140 130 L 148 160 L 166 154 L 152 88 Q 146 70 130 66 Z",
    ),
    fill(Main, "M 74 58 Q 56 62 50 82 L 36 142 L 54 148 L 70 100 Z"),
    fill(Main, "M 126 58 Q 144 62 150 82 L 164 142 L 146 148 L 130 100 Z"),
    fill(Deep, "M 36 140 L 55 146 L 52 156 L 33 150 Z"),
    fill(Deep, "M 164 140 L 145 146 L 148 156 L 167 150 Z"),
    fill(
        Main,
        "M 72 58 Q 100 72 128 58 Q 136 62 138 82 L 138 156 Q 138 160 134 160 L 66 160 Q 62 160 62 156 L 62 82 Q 64 62 72 58 Z",
    ),
    line(Dark, 2.5, "M 63 88 L 61 126 M 137 88 L 139 126"),
    fill(
        Deep,
        "M 62 150 L 138 150 L 138 156 Q 138 160 134 160 L 66 160 Q 62 160 62 156 Z",
    ),
    fill(Dark, "M 82 112 L 118 112 L 129 132 L 127 150 L 73 150 L 71 132 Z"),
    line(Light, 2.0, "M 82 112 L 71 132 M 118 112 L 129 132"),
    fill(
        Light,
        "M 70 62 C 66 32 84 24 100 24 C 116 24 134 32 130 62 Q 118 78 100 80 Q 82 78 70 62 Z",
    ),
    fill(
        Deep,
        "M 81 56 C 78 40 90 34 100 34 C 110 34 122 40 119 56 Q 112 68 100 70 Q 88 68 81 56 Z",
    ),
    line(Pale, 2.6, "M 91 75 L 89 102 M 109 75 L 111 98"),
];

static SWEATER: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 78 56 L 124 56 Q 146 62 154 84 L 168 150 L 148 158 L 140 128 L 140 168 L 64 168 L 64 128 L 56 158 L 36 150 L 50 84 Q 56 62 78 56 Z",
    ),
    fill(Main, "M 76 48 Q 54 56 48 78 L 34 138 L 53 145 L 68 100 Z"),
    fill(Main, "M 124 48 Q 146 56 152 78 L 166 138 L 147 145 L 132 100 Z"),
    fill(Dark, "M 34 136 L 54 143 L 51 154 L 31 147 Z"),
    fill(Dark, "M 166 136 L 146 143 L 149 154 L 169 147 Z"),
    fill(
        Main,
        "M 76 47 Q 100 60 124 47 Q 138 54 138 80 L 138 160 L 62 160 L 62 80 Q 62 54 76 47 Z",
    ),
    line(Dark, 2.5, "M 63 86 L 61 124 M 137 86 L 139 124"),
    fill(
        Dark,
        "M 62 148 L 138 148 L 138 158 Q 138 161 134 161 L 66 161 Q 62 161 62 158 Z",
    ),
    line(
        Main,
        1.4,
        "M 70 150 L 70 159 M 78 150 L 78 159 M 86 150 L 86 159 M 94 150 L 94 159 M 102 150 L 102 159 M 110 150 L 110 159 M 118 150 L 118 159 M 126 150 L 126 159",
    ),
    line(
        Pale,
        3.2,
        "M 65 92 L 72 84 L 79 92 L 86 84 L 93 92 L 100 84 L 107 92 L 114 84 L 121 92 L 128 84 L 135 92",
    ),
    line(
        Light,
        3.2,
        "M 65 104 L 72 96 L 79 104 L 86 96 L 93 104 L 100 96 L 107 104 L 114 96 L 121 104 L 128 96 L 135 104",
    ),
    line(Pale, 2.6, "M 66 114 L 134 114"),
    fill(Deep, "M 76 47 Q 100 41 124 47 Q 100 61 76 47 Z"),
    line(Dark, 5.5, "M 77 47 Q 100 62 123 47"),
];

static SHIRT: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 78 54 L 124 54 Q 146 60 154 82 L 168 150 L 150 157 L 140 124 L 141 168 Q 102 174 65 168 L 66 124 L 56 157 L 38 150 L 50 82 Q 56 60 78 54 Z",
    ),
    fill(Main, "M 76 46 Q 54 54 48 76 L 34 140 L 52 146 L 68 98 Z"),
    fill(Main, "M 124 46 Q 146 54 152 76 L 166 140 L 148 146 L 132 98 Z"),
    fill(Dark, "M 34 138 L 53 144 L 50 153 L 32 147 Z"),
    fill(Dark, "M 166 138 L 147 144 L 150 153 L 168 147 Z"),
    fill(
        Main,
        "M 76 45 L 124 45 Q 138 52 138 78 L 139 156 Q 130 164 100 161 Q 70 164 61 156 L 62 78 Q 62 52 76 45 Z",
    ),
    line(Dark, 2.2, "M 63 84 L 61 122 M 137 84 L 139 122"),
    fill(Deep, "M 84 40 L 116 40 L 100 60 Z"),
    fill(Light, "M 94 58 L 106 58 L 106 161 L 94 161 Z"),
    line(Dark, 1.4, "M 94 60 L 94 160 M 106 60 L 106 160"),
    fill(
        Deep,
        "O 100 76 2 2 O 100 94 2 2 O 100 112 2 2 O 100 130 2 2 O 100 148 2 2",
    ),
    fill(Light, "M 84 38 L 74 48 L 88 66 L 100 56 Z"),
    fill(Light, "M 116 38 L 126 48 L 112 66 L 100 56 Z"),
    line(Dark, 1.6, "M 74 48 L 88 66 L 100 56 L 112 66 L 126 48"),
    line(Dark, 1.8, "M 114 82 L 130 82 L 130 98 L 122 103 L 114 98 Z"),
];

static JACKET: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 74 52 L 130 52 Q 152 60 160 84 L 170 146 L 150 152 L 144 124 L 144 168 L 60 168 L 60 124 L 54 152 L 34 146 L 44 84 Q 52 60 74 52 Z",
    ),
    fill(Main, "M 74 46 Q 50 54 44 78 L 32 138 L 52 145 L 66 98 Z"),
    fill(Main, "M 126 46 Q 150 54 156 78 L 168 138 L 148 145 L 134 98 Z"),
    fill(Deep, "M 33 134 L 53 141 L 51 149 L 31 142 Z"),
    fill(Deep, "M 167 134 L 147 141 L 149 149 L 169 142 Z"),
    fill(
        Main,
        "M 74 45 L 126 45 Q 142 52 142 78 L 142 156 Q 142 161 138 161 L 62 161 Q 58 161 58 156 L 58 78 Q 58 52 74 45 Z",
    ),
    line(Dark, 2.5, "M 60 84 L 58 122 M 140 84 L 142 122"),
    fill(Pale, "M 88 46 L 112 46 L 104 74 L 104 161 L 96 161 L 96 74 Z"),
    line(Brass, 2.6, "M 100 74 L 100 160"),
    fill(Brass, "M 97 74 L 103 74 L 102 83 L 98 83 Z"),
    fill(Dark, "M 82 36 Q 72 42 72 52 L 92 72 L 98 56 Z"),
    fill(Dark, "M 118 36 Q 128 42 128 52 L 108 72 L 102 56 Z"),
    fill(Deep, "M 82 36 Q 100 44 118 36 L 110 50 L 90 50 Z"),
    fill(Dark, "M 66 84 L 90 84 L 90 92 Q 78 96 66 92 Z"),
    fill(Dark, "M 110 84 L 134 84 L 134 92 Q 122 96 110 92 Z"),
    fill(Dark, "M 66 122 L 90 122 L 90 131 Q 78 135 66 131 Z"),
    fill(Dark, "M 110 122 L 134 122 L 134 131 Q 122 135 110 131 Z"),
    fill(
        Brass,
        "O 78 91 1.8 1.8 O 122 91 1.8 1.8 O 78 130 1.8 1.8 O 122 130 1.8 1.8",
    ),
];

static TROUSERS: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 70 42 L 134 42 L 146 174 L 114 174 L 103 100 L 92 174 L 62 174 Z",
    ),
    fill(
        Main,
        "M 68 34 L 132 34 L 135 62 L 142 164 Q 142 167 139 167 L 114 167 Q 111 167 110 164 L 100 92 L 90 164 Q 89 167 86 167 L 61 167 Q 58 167 58 164 L 65 62 Z",
    ),
    fill(Dark, "M 100 60 L 104 116 L 100 92 L 96 116 Z"),
    fill(Dark, "M 68 34 L 132 34 L 133 45 L 67 45 Z"),
    line(
        Deep,
        1.8,
        "M 100 45 L 100 88 M 100 48 Q 108 58 104 74 Q 103 77 100 78",
    ),
    line(Deep, 1.8, "M 82 46 Q 81 60 66 64 M 118 46 Q 119 60 134 64"),
    line(Light, 1.6, "M 77 74 L 71 158 M 123 74 L 129 158"),
    fill(
        Dark,
        "M 58 158 L 91 158 L 90 164 Q 89 167 86 167 L 61 167 Q 58 167 58 164 Z",
    ),
    fill(
        Dark,
        "M 142 158 L 109 158 L 110 164 Q 111 167 114 167 L 139 167 Q 142 167 142 164 Z",
    ),
    line(Deep, 3.0, "M 78 34 L 78 45 M 122 34 L 122 45"),
    fill(Brass, "O 100 39.5 2.6 2.6"),
];

static DRESS: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 84 60 L 124 58 L 122 96 Q 144 130 153 165 Q 104 184 57 165 Q 68 130 88 96 Z",
    ),
    line(Dark, 4.5, "M 84 50 L 88 28 M 116 50 L 112 28"),
    fill(
        Main,
        "M 80 50 Q 90 58 100 50 Q 110 58 120 50 Q 124 70 116 90 L 84 90 Q 76 70 80 50 Z",
    ),
    fill(
        Main,
        "M 84 92 L 116 92 Q 140 126 148 160 Q 100 178 52 160 Q 60 126 84 92 Z",
    ),
    fill(Dark, "M 92 94 Q 84 130 82 168 L 74 166 Q 78 128 90 94 Z"),
    fill(Dark, "M 108 94 Q 116 130 118 168 L 126 166 Q 122 128 110 94 Z"),
    fill(
        Light,
        "M 99 94 L 101 94 Q 104 130 105 169 L 95 169 Q 96 130 99 94 Z",
    ),
    fill(Deep, "M 83 88 L 117 88 L 118 95 L 82 95 Z"),
    line(Pale, 2.0, "M 56 153 Q 100 170 144 153"),
];

static CAP: &[Layer] = &[
    HALO,
    fill(Shadow, "O 106 148 64 7"),
    fill(
        Dark,
        "M 118 118 Q 160 112 180 130 Q 184 138 174 139 Q 146 134 116 139 Z",
    ),
    fill(
        Main,
        "M 38 132 C 34 82 64 56 94 56 C 126 56 146 80 146 124 Q 92 116 42 138 Q 38 138 38 132 Z",
    ),
    fill(
        Light,
        "M 62 68 C 48 82 42 104 42 126 Q 40 130 40 136 L 52 132 C 50 106 54 84 68 64 Z",
    ),
    line(
        Dark,
        2.2,
        "M 95 57 C 76 72 68 96 70 127 M 95 57 C 114 70 124 94 124 121",
    ),
    line(Dark, 3.0, "M 42 137 Q 92 115 145 124"),
    fill(Deep, "M 89 55 Q 95 49 101 55 Q 101 59 95 59 Q 89 59 89 55 Z"),
    fill(Deep, "O 84 80 2 2 O 110 79 2 2"),
    fill(Pale, "M 91 92 L 106 91 L 106 105 L 91 106 Z"),
    line(Deep, 1.8, "M 95 102 L 98.5 95 L 102 101"),
];

static BEANIE: &[Layer] = &[
    HALO,
    fill(Shadow, "O 100 156 54 7"),
    fill(Pale, "O 100 46 17 17"),
    line(
        Light,
        2.4,
        "M 88 42 L 95 49 M 100 32 L 100 42 M 112 42 L 105 49 M 92 58 L 98 53 M 108 58 L 102 53",
    ),
    fill(Main, "M 50 122 C 48 80 70 56 100 56 C 130 56 152 80 150 122 Z"),
    line(
        Dark,
        2.2,
        "M 100 57 L 100 120 M 84 60 Q 74 88 75 120 M 116 60 Q 126 88 125 120 M 70 69 Q 58 92 58 120 M 130 69 Q 142 92 142 120",
    ),
    fill(
        Dark,
        "M 46 116 Q 100 106 154 116 Q 158 132 154 148 Q 100 158 46 148 Q 42 132 46 116 Z",
    ),
    line(
        Main,
        2.2,
        "M 58 116 L 58 147 M 70 114 L 70 150 M 82 113 L 82 151 M 94 112 L 94 152 M 106 112 L 106 152 M 118 113 L 118 151 M 130 114 L 130 150 M 142 116 L 142 147",
    ),
    fill(Paper, "M 91 124 L 109 124 L 109 138 L 91 138 Z"),
    line(Ink, 1.6, "M 96 131 L 104 131"),
];

static SCARF: &[Layer] = &[
    HALO,
    fill(Shadow, "M 84 78 L 118 82 L 140 166 L 104 172 Z"),
    fill(Dark, "M 108 74 L 134 70 L 148 152 L 120 157 Z"),
    fill(Deep, "M 119 128 L 144 124 L 146 133 L 120 138 Z"),
    line(
        Dark,
        2.6,
        "M 123 157 L 124 168 M 130 156 L 132 167 M 137 155 L 139 166 M 145 153 L 147 164",
    ),
    fill(
        Main,
        "M 46 66 Q 46 36 100 36 Q 154 36 154 66 Q 154 94 100 94 Q 46 94 46 66 Z M 68 62 Q 72 74 100 74 Q 128 74 132 62 Q 124 52 100 52 Q 76 52 68 62 Z",
    ),
    fill(
        Deep,
        "M 68 62 Q 76 52 100 52 Q 124 52 132 62 Q 128 66 124 68 Q 116 60 100 60 Q 84 60 76 68 Q 72 66 68 62 Z",
    ),
    line(Light, 2.4, "M 53 74 Q 70 86 100 86 Q 130 86 147 74"),
    fill(Main, "M 72 72 Q 86 62 104 76 L 96 160 L 62 156 Z"),
    fill(Pale, "M 68 116 L 101 119 L 100 127 L 67 124 Z"),
    fill(Deep, "M 66 131 L 99 134 L 98.5 140 L 65.5 137 Z"),
    fill(Pale, "M 70 101 L 102.5 104 L 102 110 L 69 107 Z"),
    line(
        Main,
        2.6,
        "M 65 157 L 64 169 M 73 158 L 72 170 M 81 159 L 80 171 M 88 160 L 88 172 M 94 160 L 95 172",
    ),
];

static SOCKS: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 82 50 L 116 50 L 116 112 Q 116 120 124 126 L 150 146 Q 164 160 148 172 Q 138 178 126 170 L 86 144 Z",
    ),
    fill(
        Dark,
        "M 96 34 L 130 34 L 130 98 Q 130 106 138 111 L 162 127 Q 176 140 164 152 Q 152 160 140 152 L 104 130 Q 96 124 96 114 Z",
    ),
    fill(Deep, "M 96 34 L 130 34 L 130 46 L 96 46 Z"),
    fill(
        Deep,
        "M 148 118 L 162 127 Q 176 140 164 152 Q 154 158 146 155 Q 138 140 148 118 Z",
    ),
    fill(
        Main,
        "M 52 42 L 88 42 L 88 108 Q 88 116 96 121 L 121 138 Q 136 150 124 163 Q 112 172 99 164 L 61 141 Q 52 135 52 124 Z",
    ),
    fill(Dark, "M 52 42 L 88 42 L 88 55 L 52 55 Z"),
    line(
        Main,
        1.5,
        "M 58 43 L 58 54 M 64 43 L 64 54 M 70 43 L 70 54 M 76 43 L 76 54 M 82 43 L 82 54",
    ),
    fill(Pale, "M 52 64 L 88 64 L 88 71 L 52 71 Z"),
    fill(Pale, "M 52 77 L 88 77 L 88 84 L 52 84 Z"),
    fill(
        Light,
        "M 106 128 L 121 138 Q 136 150 124 163 Q 114 171 104 167 Q 94 150 106 128 Z",
    ),
    fill(Light, "M 52 112 Q 68 116 74 149 L 61 141 Q 52 135 52 124 Z"),
];

static SNEAKERS: &[Layer] = &[
    HALO,
    fill(Shadow, "O 102 150 72 7"),
    fill(
        Main,
        "M 34 78 Q 40 72 50 76 Q 58 86 72 84 Q 80 82 84 74 L 92 68 Q 112 96 140 106 Q 168 112 170 132 L 34 132 Q 28 104 34 78 Z",
    ),
    fill(
        Dark,
        "M 34 78 Q 40 72 50 76 Q 55 82 60 84 L 58 132 L 34 132 Q 28 104 34 78 Z",
    ),
    fill(Pale, "M 134 104 Q 168 110 170 132 L 134 132 Q 126 118 134 104 Z"),
    fill(
        Light,
        "M 84 74 L 92 68 Q 110 92 134 104 L 122 116 Q 96 104 80 80 Z",
    ),
    line(
        Paper,
        3.4,
        "M 93 82 L 84 94 M 102 92 L 94 104 M 112 101 L 105 112 M 123 108 L 117 118",
    ),
    line(Dark, 1.8, "M 60 84 Q 66 110 62 132"),
    fill(
        Deep,
        "M 34 78 Q 40 72 50 76 Q 58 86 72 84 Q 80 82 84 74 Q 80 92 64 92 Q 46 92 34 78 Z",
    ),
    fill(
        Paper,
        "M 31 128 L 171 128 Q 176 146 166 147 L 38 147 Q 29 147 31 128 Z",
    ),
    line(Pale, 2.0, "M 35 137 L 170 137"),
    fill(Pale, "M 66 108 Q 84 118 104 120 L 102 126 Q 80 124 65 114 Z"),
];

static BACKPACK: &[Layer] = &[
    HALO,
    FLOOR,
    line(Deep, 7.0, "M 84 46 C 82 24 118 24 116 46"),
    line(Deep, 9.0, "M 60 76 Q 46 100 52 140 M 140 76 Q 154 100 148 140"),
    fill(
        Main,
        "M 56 78 C 56 48 76 40 100 40 C 124 40 144 48 144 78 L 146 150 Q 146 162 134 162 L 66 162 Q 54 162 54 150 Z",
    ),
    fill(
        Dark,
        "M 56 78 C 56 48 76 40 100 40 C 124 40 144 48 144 78 L 144 90 Q 100 104 56 90 Z",
    ),
    line(Light, 2.2, "M 58 91 Q 100 105 142 91"),
    fill(
        Light,
        "M 66 112 Q 100 106 134 112 L 134 146 Q 134 152 128 152 L 72 152 Q 66 152 66 146 Z",
    ),
    fill(Dark, "M 66 112 Q 100 106 134 112 L 134 120 Q 100 126 66 120 Z"),
    fill(Brass, "M 96 116 L 104 116 L 104 132 L 96 132 Z"),
    fill(Brass, "M 96 90 L 104 90 L 104 108 L 96 108 Z"),
    fill(Pale, "M 88 62 L 112 62 L 112 76 L 88 76 Z"),
    line(Deep, 1.8, "M 94 72 L 100 65 L 106 72"),
];

static TOTE: &[Layer] = &[
    HALO,
    FLOOR,
    line(Dark, 6.0, "M 80 82 C 78 36 122 36 120 82"),
    fill(
        Main,
        "M 54 78 L 146 78 L 154 156 Q 154 162 148 162 L 52 162 Q 46 162 46 156 Z",
    ),
    fill(Dark, "M 130 78 L 146 78 L 154 156 Q 154 162 148 162 L 138 162 Z"),
    line(Light, 2.0, "M 56 86 L 129 86"),
    line(Deep, 6.0, "M 76 92 C 70 40 130 40 124 92"),
    fill(
        Deep,
        "M 71 86 L 81 86 L 81 98 L 71 98 Z M 119 86 L 129 86 L 129 98 L 119 98 Z",
    ),
    fill(Paper, "O 96 124 20 20"),
    fill(
        Main,
        "M 96 136 C 82 126 84 112 90 112 C 94 112 96 117 96 119 C 96 117 98 112 102 112 C 108 112 110 126 96 136 Z",
    ),
];

static MUG: &[Layer] = &[
    HALO,
    fill(Shadow, "O 100 158 58 7"),
    line(
        Glow,
        4.0,
        "M 80 54 Q 72 44 80 34 Q 88 24 80 14 M 102 54 Q 94 44 102 34 Q 110 24 102 14",
    ),
    line(Dark, 11.0, "M 128 88 C 164 82 164 134 126 130"),
    fill(
        Main,
        "M 50 70 L 132 70 L 129 140 Q 127 156 112 156 L 70 156 Q 55 156 53 140 Z",
    ),
    fill(Light, "M 56 80 L 66 80 L 68 148 Q 60 146 59 138 Z"),
    fill(
        Dark,
        "M 114 74 L 132 70 L 129 140 Q 127 156 112 156 L 104 156 Q 114 150 115 136 Z",
    ),
    fill(Pale, "O 91 70 41 9"),
    fill(DarkWood, "O 91 71.5 35 6.4"),
    fill(Wood, "M 60 69 Q 76 64 100 65.5 Q 84 70 62 73 Z"),
    line(Pale, 2.4, "M 54 128 L 114 128"),
];

static TEAPOT: &[Layer] = &[
    HALO,
    FLOOR,
    line(Dark, 10.0, "M 62 82 C 22 74 24 132 62 130"),
    fill(
        Dark,
        "M 132 122 Q 152 118 154 92 Q 156 78 172 74 L 176 82 Q 168 88 168 102 Q 166 136 136 146 Z",
    ),
    fill(
        Main,
        "M 100 70 C 138 70 150 94 148 118 C 146 146 128 160 100 160 C 72 160 54 146 52 118 C 50 94 62 70 100 70 Z",
    ),
    fill(
        Light,
        "M 74 84 C 62 94 60 116 66 132 C 72 138 76 136 74 130 C 68 114 72 98 82 88 C 84 82 78 80 74 84 Z",
    ),
    fill(
        Dark,
        "M 130 86 C 152 104 146 156 102 160 C 130 152 136 120 130 86 Z",
    ),
    fill(
        Dark,
        "M 72 76 Q 100 88 128 76 Q 128 70 124 68 L 76 68 Q 72 70 72 76 Z",
    ),
    fill(Light, "M 76 69 Q 84 54 100 54 Q 116 54 124 69 Q 100 78 76 69 Z"),
    fill(Deep, "O 100 48 7 7"),
    fill(Deep, "M 78 158 Q 100 165 122 158 L 120 164 L 80 164 Z"),
];

static BOTTLE: &[Layer] = &[
    HALO,
    fill(Shadow, "O 100 172 34 5"),
    fill(
        Deep,
        "M 86 26 L 114 26 Q 117 26 117 30 L 117 46 L 83 46 L 83 30 Q 83 26 86 26 Z",
    ),
    line(
        Dark,
        2.0,
        "M 90 29 L 90 44 M 96.5 29 L 96.5 44 M 103.5 29 L 103.5 44 M 110 29 L 110 44",
    ),
    fill(Paper, "M 85 46 L 115 46 L 115 54 L 85 54 Z"),
    fill(
        Main,
        "M 86 54 L 114 54 Q 130 62 130 82 L 130 160 Q 130 170 120 170 L 80 170 Q 70 170 70 160 L 70 82 Q 70 62 86 54 Z",
    ),
    fill(Light, "M 80 72 Q 82 66 86 66 L 86 158 L 80 158 Z"),
    fill(
        Dark,
        "M 118 57 Q 130 64 130 82 L 130 160 Q 130 170 120 170 L 112 170 Q 119 168 119 158 Z",
    ),
    fill(
        Deep,
        "M 70 154 L 130 154 L 130 160 Q 130 170 120 170 L 80 170 Q 70 170 70 160 Z",
    ),
    line(Pale, 2.6, "M 92 124 L 100 108 L 104 116 L 107 112 L 113 124 Z"),
];

static CANDLE: &[Layer] = &[
    HALO,
    fill(Glow, "O 100 54 30 34"),
    fill(Shadow, "O 100 164 48 7"),
    line(Ink, 2.2, "M 100 78 L 100 64"),
    fill(Flame, "M 100 32 C 112 48 111 66 100 66 C 89 66 88 48 100 32 Z"),
    fill(Paper, "M 100 48 C 105 54 105 64 100 64 C 95 64 95 54 100 48 Z"),
    fill(
        Main,
        "M 60 78 L 140 78 L 140 152 Q 140 162 130 162 L 70 162 Q 60 162 60 152 Z",
    ),
    fill(Pale, "O 100 78 40 8"),
    fill(Light, "O 100 79 33 5.4"),
    line(Ink, 2.2, "M 100 79 L 100 68"),
    fill(
        Dark,
        "M 126 82 L 140 78 L 140 152 Q 140 162 130 162 L 118 162 Q 126 160 126 150 Z",
    ),
    fill(Light, "M 66 90 L 73 91 L 73 152 L 66 150 Z"),
    fill(Paper, "M 80 104 L 120 104 L 120 144 L 80 144 Z"),
    line(Ink, 1.8, "M 90 126 L 110 126 M 94 133 L 106 133"),
    line(
        Main,
        2.4,
        "M 100 120 L 100 111 M 100 116 L 95 112 M 100 116 L 105 112",
    ),
];

static PLANT_POT: &[Layer] = &[
    HALO,
    FLOOR,
    line(
        DarkLeaf,
        3.0,
        "M 100 112 Q 98 82 100 52 M 100 112 Q 84 90 66 82 M 100 112 Q 116 88 134 78",
    ),
    fill(DarkLeaf, "M 100 104 C 70 106 50 88 46 64 C 70 62 94 76 100 104 Z"),
    fill(
        DarkLeaf,
        "M 100 104 C 130 104 150 84 154 60 C 130 58 106 74 100 104 Z",
    ),
    fill(Leaf, "M 100 96 C 82 78 84 46 100 28 C 116 46 118 78 100 96 Z"),
    fill(Leaf, "M 98 110 C 76 116 56 110 46 96 C 62 86 86 92 98 110 Z"),
    fill(
        Leaf,
        "M 102 110 C 124 116 144 108 154 92 C 138 84 114 92 102 110 Z",
    ),
    line(
        DarkLeaf,
        1.6,
        "M 100 92 L 100 42 M 92 106 Q 72 98 56 98 M 108 106 Q 128 98 144 95",
    ),
    fill(Dark, "M 62 156 L 138 156 L 134 165 L 66 165 Z"),
    fill(Main, "M 60 108 L 140 108 L 131 158 L 69 158 Z"),
    fill(Dark, "M 120 108 L 140 108 L 131 158 L 115 158 Z"),
    fill(
        Light,
        "M 56 100 Q 56 98 58 98 L 142 98 Q 144 98 144 100 L 144 112 Q 144 114 142 114 L 58 114 Q 56 114 56 112 Z",
    ),
    fill(
        Main,
        "M 122 98 L 142 98 Q 144 98 144 100 L 144 112 Q 144 114 142 114 L 122 114 Z",
    ),
];

static VASE: &[Layer] = &[
    HALO,
    fill(Shadow, "O 100 168 42 6"),
    line(
        DarkLeaf,
        2.6,
        "M 100 82 Q 100 54 84 22 M 99 70 Q 112 50 128 40 M 96 52 Q 84 50 74 56",
    ),
    fill(Leaf, "M 84 24 C 76 20 76 10 82 4 C 90 10 92 18 84 24 Z"),
    fill(Leaf, "M 91 38 C 100 36 106 28 104 20 C 94 22 90 30 91 38 Z"),
    fill(Leaf, "M 128 41 C 130 32 138 28 146 30 C 144 40 136 44 128 41 Z"),
    fill(Leaf, "M 114 49 C 112 40 116 33 123 30 C 127 38 122 46 114 49 Z"),
    fill(Leaf, "M 116 50 C 122 56 132 56 137 51 C 131 44 122 44 116 50 Z"),
    fill(Leaf, "M 75 57 C 66 54 58 58 56 65 C 64 70 73 66 75 57 Z"),
    fill(Leaf, "M 85 51 C 82 42 74 39 67 42 C 69 50 77 54 85 51 Z"),
    fill(
        Main,
        "M 86 76 L 114 76 Q 112 90 120 98 C 146 116 142 168 112 168 L 88 168 C 58 168 54 116 80 98 Q 88 90 86 76 Z",
    ),
    fill(
        Dark,
        "M 108 78 L 114 76 Q 112 90 120 98 C 146 116 142 168 112 168 L 102 168 C 130 164 130 116 112 100 Q 106 92 108 78 Z",
    ),
    fill(
        Light,
        "M 78 112 C 68 124 68 144 76 154 C 80 156 82 154 80 150 C 76 140 78 124 84 114 C 86 108 82 108 78 112 Z",
    ),
    fill(Pale, "O 100 76 15 3.6"),
    fill(Deep, "O 100 76 11 2.2"),
    line(Pale, 2.2, "M 66 131 Q 100 142 134 131"),
];

static LAMP: &[Layer] = &[
    HALO,
    fill(Glow, "M 58 90 L 142 90 L 170 156 L 30 156 Z"),
    fill(Shadow, "O 100 166 44 6"),
    fill(Brass, "M 96.5 84 L 103.5 84 L 103.5 158 L 96.5 158 Z"),
    fill(
        DarkWood,
        "M 72 160 Q 72 150 100 150 Q 128 150 128 160 Q 128 166 122 166 L 78 166 Q 72 166 72 160 Z",
    ),
    fill(Wood, "O 100 154 27 5"),
    fill(Brass, "M 97 146 L 103 146 L 103 155 L 97 155 Z"),
    fill(Flame, "O 100 91 14 10"),
    fill(
        Main,
        "M 76 34 L 124 34 Q 127 34 128 37 L 148 86 Q 149 91 144 91 L 56 91 Q 51 91 52 86 L 72 37 Q 73 34 76 34 Z",
    ),
    fill(
        Dark,
        "M 112 34 L 124 34 Q 127 34 128 37 L 148 86 Q 149 91 144 91 L 124 91 Z",
    ),
    fill(Light, "M 78 42 L 86 42 L 72 83 L 62 83 Z"),
    fill(Brass, "M 95 26 L 105 26 L 105 34 L 95 34 Z"),
    line(Brass, 1.8, "M 130 92 L 130 112"),
    fill(Brass, "O 130 114 3 3"),
];

static CHAIR: &[Layer] = &[
    HALO,
    fill(Shadow, "O 100 170 56 6"),
    line(DarkWood, 6.5, "M 76 112 L 70 164 M 124 112 L 130 164"),
    line(Wood, 7.0, "M 62 122 L 54 170 M 138 122 L 146 170"),
    line(DarkWood, 4.0, "M 60 146 L 140 146"),
    line(Wood, 7.0, "M 68 110 L 62 46 M 132 110 L 138 46"),
    fill(
        Dark,
        "M 62 34 Q 100 24 138 34 Q 144 36 143 42 L 140 76 Q 139 82 133 82 Q 100 76 67 82 Q 61 82 60 76 L 57 42 Q 56 36 62 34 Z",
    ),
    fill(
        Main,
        "M 62 31 Q 100 21 138 31 Q 144 33 143 39 L 140 71 Q 139 77 133 77 Q 100 71 67 77 Q 61 77 60 71 L 57 39 Q 56 33 62 31 Z",
    ),
    line(Light, 2.2, "M 66 39 Q 100 31 134 39"),
    fill(
        Dark,
        "M 58 110 L 142 110 L 150 124 Q 150 132 142 132 L 58 132 Q 50 132 50 124 Z",
    ),
    fill(
        Main,
        "M 66 102 L 134 102 Q 140 102 142 106 L 150 120 Q 151 126 144 126 L 56 126 Q 49 126 50 120 L 58 106 Q 60 102 66 102 Z",
    ),
    line(Light, 2.2, "M 66 108 L 134 108"),
];

static CUSHION: &[Layer] = &[
    HALO,
    fill(
        Shadow,
        "M 46 56 Q 104 72 162 56 Q 146 108 162 164 Q 104 148 46 164 Q 62 108 46 56 Z",
    ),
    fill(
        Main,
        "M 40 44 Q 100 58 160 44 Q 146 100 160 156 Q 100 142 40 156 Q 54 100 40 44 Z",
    ),
    fill(
        Dark,
        "M 160 44 Q 146 100 160 156 Q 100 142 40 156 Q 110 138 134 110 Q 150 84 160 44 Z",
    ),
    fill(Light, "M 48 52 Q 74 58 100 58 Q 70 70 60 96 Q 58 72 48 52 Z"),
    line(
        Pale,
        2.8,
        "M 74 70 L 126 70 M 70 82 L 130 82 M 69 94 L 131 94 M 69 106 L 131 106 M 70 118 L 130 118 M 74 130 L 126 130",
    ),
    line(
        Deep,
        2.4,
        "M 40 44 Q 100 58 160 44 Q 146 100 160 156 Q 100 142 40 156 Q 54 100 40 44 Z",
    ),
];

static CLOCK: &[Layer] = &[
    HALO,
    fill(Shadow, "O 106 106 64 64"),
    fill(Deep, "O 100 98 64 64"),
    fill(Main, "O 100 98 61 61"),
    fill(Paper, "O 100 98 49 49"),
    line(
        Ink,
        3.2,
        "M 100 55 L 100 62 M 143 98 L 136 98 M 100 141 L 100 134 M 57 98 L 64 98",
    ),
    line(
        Wood,
        2.0,
        "M 121.5 60.8 L 119 65 M 137.2 76.5 L 133 79 M 137.2 119.5 L 133 117 M 121.5 135.2 L 119 131 M 78.5 135.2 L 81 131 M 62.8 119.5 L 67 117 M 62.8 76.5 L 67 79 M 78.5 60.8 L 81 65",
    ),
    line(Ink, 5.0, "M 100 98 L 82 84"),
    line(Ink, 3.6, "M 100 98 L 124 72"),
    line(Dark, 1.8, "M 94 108 L 112 132 M 100 98 L 94 108"),
    fill(Brass, "O 100 98 4.4 4.4"),
    line(Light, 3.0, "M 48 84 Q 54 62 74 50"),
];

static NOTEBOOK: &[Layer] = &[
    HALO,
    fill(Shadow, "M 66 48 L 150 40 L 160 158 L 74 166 Z"),
    fill(
        Deep,
        "M 62 42 L 144 34 Q 148 34 148 38 L 157 150 Q 157 154 153 154 L 71 162 Q 67 162 67 158 L 58 46 Q 58 42 62 42 Z",
    ),
    fill(Paper, "M 66 40 L 150 33 L 158 149 L 74 157 Z"),
    fill(
        Main,
        "M 58 38 L 140 30 Q 144 30 144 34 L 152 144 Q 152 148 148 148 L 67 156 Q 62 156 62 152 L 54 42 Q 54 38 58 38 Z",
    ),
    fill(
        Dark,
        "M 58 38 L 70 36.8 L 79 154.8 L 67 156 Q 62 156 62 152 L 54 42 Q 54 38 58 38 Z",
    ),
    fill(Paper, "M 88 58 L 126 54.4 L 128 80 L 90 83.6 Z"),
    line(Ink, 1.8, "M 95 66 L 119 63.8 M 96 73 L 113 71.4"),
    line(Deep, 3.6, "M 134 30.6 L 142.4 148.6"),
    fill(Flame, "M 104 151.8 L 111 151.2 L 112 172 L 108 168 L 105 172.6 Z"),
];

/// A picture in a frame, for pictures that the shop cannot show.
pub(super) static FRAME: &[Layer] = &[
    fill(Shadow, "M 48 50 L 164 50 L 164 162 L 48 162 Z"),
    fill(Wood, "M 42 42 L 158 42 L 158 154 L 42 154 Z"),
    fill(Paper, "M 50 50 L 150 50 L 150 146 L 50 146 Z"),
    fill(Pale, "M 60 60 L 140 60 L 140 136 L 60 136 Z"),
    fill(Flame, "O 120 80 9 9"),
    fill(
        Main,
        "M 60 118 L 86 86 L 110 114 L 120 104 L 140 124 L 140 136 L 60 136 Z",
    ),
    fill(Dark, "M 60 130 L 86 120 L 112 130 L 140 122 L 140 136 L 60 136 Z"),
];
