//! What the demo shops sell: kinds of things, their colours, who makes them and what the lines are called.
//! All of it is invented.

use Colour::{
    Black, Blue, Brown, Green, Grey, Navy, Olive, Orange, Pink, Purple, Red, Sage, Sand, Sky, White, Yellow,
};

/// A kind of thing, with all that its products have in common.
#[derive(Debug)]
pub(super) struct Kind {
    /// The first half of the names of its pictures.
    pub slug: &'static str,
    /// Its part of an SKU.
    pub code: &'static str,
    pub noun: &'static str,
    pub category: &'static str,
    pub tags: [&'static str; 3],
    /// Lowest and highest price in whole units.
    pub price: (u64, u64),
    /// Empty: it comes in one size.
    pub sizes: &'static [&'static str],
    pub colours: &'static [Colour],
    pub grams: u64,
    pub materials: [&'static str; 3],
    pub descriptors: [&'static str; 6],
    pub openings: [&'static str; 3],
    pub family: &'static Family,
}

/// Kinds that are made by the same people.
#[derive(Debug)]
pub(super) struct Family {
    pub brands: [Brand; 5],
    pub care: [&'static str; 3],
}

#[derive(Debug)]
pub(super) struct Brand {
    pub code: &'static str,
    pub name: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Black,
    White,
    Grey,
    Navy,
    Blue,
    Sky,
    Green,
    Sage,
    Olive,
    Yellow,
    Orange,
    Red,
    Pink,
    Purple,
    Brown,
    Sand,
}

impl Colour {
    pub(super) const ALL: [Self; 16] = [
        Black, White, Grey, Navy, Blue, Sky, Green, Sage, Olive, Yellow, Orange, Red, Pink, Purple, Brown,
        Sand,
    ];

    pub(super) fn name(self) -> &'static str {
        self.facts().0
    }

    /// Its part of an SKU.
    pub(super) fn code(self) -> &'static str {
        self.facts().1
    }

    /// The second half of the names of pictures in it.
    pub(super) fn slug(self) -> &'static str {
        self.facts().2
    }

    pub(super) fn rgb(self) -> u32 {
        self.facts().3
    }

    fn facts(self) -> (&'static str, &'static str, &'static str, u32) {
        match self {
            Black => ("Black", "BLK", "black", 0x3a_3c43),
            White => ("White", "WHT", "white", 0xf5_f2ec),
            Grey => ("Grey", "GRY", "grey", 0x9a_a1ab),
            Navy => ("Navy", "NVY", "navy", 0x2f_4468),
            Blue => ("Blue", "BLU", "blue", 0x3f_74c4),
            Sky => ("Sky", "SKY", "sky", 0x8e_bfe3),
            Green => ("Green", "GRN", "green", 0x3c_8763),
            Sage => ("Sage", "SAG", "sage", 0xa5_b79b),
            Olive => ("Olive", "OLI", "olive", 0x76_784a),
            Yellow => ("Yellow", "YEL", "yellow", 0xe6_b84a),
            Orange => ("Orange", "ORG", "orange", 0xdd_7f45),
            Red => ("Red", "RED", "red", 0xc2_4b47),
            Pink => ("Pink", "PNK", "pink", 0xe5_a3ae),
            Purple => ("Purple", "PUR", "purple", 0x7d_67a8),
            Brown => ("Brown", "BRN", "brown", 0x8a_6248),
            Sand => ("Sand", "SND", "sand", 0xd9_c4a1),
        }
    }
}

/// A shelf of this many places holds one product of the kind that stands there; then the next shelf begins.
/// Prime, so that any step through it visits every place.
pub(super) const SHELF: usize = 31;

/// Kinds by place on the shelf; what sells well stands there more than once.
pub(super) static PLACES: [&Kind; SHELF] = [
    &TEE, &HOODIE, &MUG, &TOTE, &SWEATER, &LAMP, &SHIRT, &CANDLE, &CAP, &TROUSERS, &POT, &TEE, &NOTEBOOK,
    &JACKET, &VASE, &SNEAKERS, &CUSHION, &DRESS, &MUG, &BACKPACK, &HOODIE, &TEAPOT, &BEANIE, &CHAIR, &SOCKS,
    &CANDLE, &SWEATER, &BOTTLE, &SCARF, &TEE, &CLOCK,
];

/// Prime for the same reason.
pub(super) static LINES: [&str; 61] = [
    "Harbour", "Alder", "Fjord", "Meadow", "Juniper", "Cove", "Ridge", "Hazel", "Dune", "Willow", "Ember",
    "Coast", "Larch", "Moor", "Bramble", "Heron", "Sable", "Aspen", "Linden", "Marlow", "Skerry", "Tarn",
    "Fern", "Rowan", "Quarry", "Beacon", "Thistle", "Hollow", "Cedar", "Lagoon", "Orchard", "Clover",
    "Delta", "Finch", "Glen", "Heath", "Iris", "Jetty", "Lark", "Mistral", "Pebble", "Quay", "Sorrel",
    "Tide", "Umber", "Vale", "Wren", "Yarrow", "Zephyr", "Sparrow", "Copper", "Drift", "Flint", "Grove",
    "Haven", "Islet", "Kestrel", "Lantern", "Maple", "Nettle", "Osprey",
];

static WEAR: Family = Family {
    brands: [
        Brand {
            code: "NOR",
            name: "Norrhavn",
        },
        Brand {
            code: "SAL",
            name: "Saltmarsh & Sons",
        },
        Brand {
            code: "EBB",
            name: "Ebbtide Supply",
        },
        Brand {
            code: "TAL",
            name: "Tallgrass",
        },
        Brand {
            code: "HAL",
            name: "Halden Mill",
        },
    ],
    care: [
        "Wash at 30 degrees with similar colours and dry it on the line.",
        "Sewn in small batches and checked by hand before it leaves the mill.",
        "If a seam gives way within two years, we mend it free of charge.",
    ],
};

static HOME: Family = Family {
    brands: [
        Brand {
            code: "LUM",
            name: "Lumenrow",
        },
        Brand {
            code: "PIN",
            name: "Pinehollow Pottery",
        },
        Brand {
            code: "MOR",
            name: "Morrow & Moss",
        },
        Brand {
            code: "CIN",
            name: "Cindergate",
        },
        Brand {
            code: "BRI",
            name: "Brindlework",
        },
    ],
    care: [
        "Every piece differs a little from the next, as things made by hand do.",
        "It comes in a padded box made of recycled board.",
        "Wipe it with a damp cloth; it asks for nothing else.",
    ],
};

static LETTERS: [&str; 5] = ["S", "M", "L", "XL", "XXL"];
static SHOES: [&str; 7] = ["38", "39", "40", "41", "42", "43", "44"];
static WAISTS: [&str; 5] = ["28", "30", "32", "34", "36"];
static PAIRS: [&str; 3] = ["36-39", "40-43", "44-47"];

static BASICS: [Colour; 9] = [Black, White, Grey, Navy, Blue, Green, Red, Yellow, Pink];
static MUTED: [Colour; 9] = [Navy, Grey, Olive, Sage, Sand, Brown, Black, Orange, Sky];
static DENIMS: [Colour; 5] = [Navy, Black, Olive, Sand, Grey];
static GLAZES: [Colour; 9] = [White, Sand, Sage, Sky, Blue, Green, Orange, Pink, Grey];
static LEATHERS: [Colour; 6] = [Brown, Black, Olive, Navy, Sand, Red];
static BRIGHTS: [Colour; 8] = [Red, Blue, Yellow, Green, Purple, Pink, Sky, Orange];

static TEE: Kind = Kind {
    slug: "tee",
    code: "TEE",
    noun: "T-Shirt",
    category: "Clothing > T-Shirts",
    tags: ["organic", "summer", "basics"],
    price: (19, 38),
    sizes: &LETTERS,
    colours: &BASICS,
    grams: 180,
    materials: ["organic cotton", "combed cotton jersey", "cotton and hemp"],
    descriptors: ["Organic", "Everyday", "Relaxed", "Heavyweight", "Washed", "Crew"],
    openings: [
        "A T-shirt with enough weight to hang well and a neckline that stays where it is.",
        "The shirt you reach for first: soft from the first day, cut straight, no print.",
        "Knitted on slow machines, so that it keeps its shape wash after wash.",
    ],
    family: &WEAR,
};
static HOODIE: Kind = Kind {
    slug: "hoodie",
    code: "HOD",
    noun: "Hoodie",
    category: "Clothing > Hoodies",
    tags: ["fleece", "autumn", "bestseller"],
    price: (54, 92),
    sizes: &LETTERS,
    colours: &MUTED,
    grams: 560,
    materials: [
        "brushed cotton fleece",
        "organic loopback cotton",
        "recycled cotton fleece",
    ],
    descriptors: ["Heavyweight", "Brushed", "Loopback", "Boxy", "Trail", "Weekend"],
    openings: [
        "A hood lined twice, a pocket deep enough for cold hands, cuffs that stay put.",
        "Heavy fleece with a soft inside, for evenings that turn out cooler than planned.",
        "Cut a little wider, so that a shirt fits beneath it.",
    ],
    family: &WEAR,
};
static SWEATER: Kind = Kind {
    slug: "sweater",
    code: "SWE",
    noun: "Sweater",
    category: "Clothing > Knitwear",
    tags: ["wool", "winter", "knitwear"],
    price: (68, 128),
    sizes: &LETTERS,
    colours: &MUTED,
    grams: 480,
    materials: ["lambswool", "merino wool", "wool and alpaca"],
    descriptors: [
        "Lambswool",
        "Ribbed",
        "Fisherman",
        "Merino",
        "Chunky",
        "Fine-Knit",
    ],
    openings: [
        "Knitted from long-staple wool that warms without weighing you down.",
        "A round neck, a ribbed hem, and a pattern that has not changed in forty years.",
        "The sweater for the walk to the lighthouse and for the fire afterwards.",
    ],
    family: &WEAR,
};
static SHIRT: Kind = Kind {
    slug: "shirt",
    code: "SHI",
    noun: "Shirt",
    category: "Clothing > Shirts",
    tags: ["office", "cotton", "classic"],
    price: (48, 86),
    sizes: &LETTERS,
    colours: &[White, Sky, Navy, Sage, Pink, Sand, Grey],
    grams: 260,
    materials: ["cotton poplin", "washed linen", "brushed flannel"],
    descriptors: ["Oxford", "Linen", "Poplin", "Flannel", "Camp", "Work"],
    openings: [
        "A shirt that looks pressed even when it is not.",
        "Buttons sewn by hand, a collar that lies flat, a back long enough to stay tucked in.",
        "Light enough for July, smart enough for Monday.",
    ],
    family: &WEAR,
};
static JACKET: Kind = Kind {
    slug: "jacket",
    code: "JKT",
    noun: "Jacket",
    category: "Clothing > Jackets",
    tags: ["outdoor", "rainproof", "autumn"],
    price: (118, 220),
    sizes: &LETTERS,
    colours: &[Olive, Navy, Black, Yellow, Red, Sand],
    grams: 840,
    materials: ["waxed cotton", "recycled nylon", "ripstop cotton"],
    descriptors: ["Waxed", "Rain", "Field", "Quilted", "Deck", "Chore"],
    openings: [
        "Keeps the rain out and the wind where it belongs.",
        "Four pockets, one of them dry whatever happens.",
        "A jacket that gets better with every scratch.",
    ],
    family: &WEAR,
};
static TROUSERS: Kind = Kind {
    slug: "trousers",
    code: "TRO",
    noun: "Trousers",
    category: "Clothing > Trousers",
    tags: ["workwear", "cotton", "classic"],
    price: (64, 112),
    sizes: &WAISTS,
    colours: &DENIMS,
    grams: 540,
    materials: ["cotton twill", "selvedge denim", "cotton canvas"],
    descriptors: ["Straight", "Tapered", "Canvas", "Twill", "Wide", "Pleated"],
    openings: [
        "A straight leg, a firm waistband and seams that are sewn three times.",
        "Firm at first, yours after a week.",
        "Made for the garden and good enough for dinner.",
    ],
    family: &WEAR,
};
static DRESS: Kind = Kind {
    slug: "dress",
    code: "DRE",
    noun: "Dress",
    category: "Clothing > Dresses",
    tags: ["summer", "linen", "new"],
    price: (72, 138),
    sizes: &LETTERS,
    colours: &[Red, Navy, Sage, Yellow, Pink, Purple, Black],
    grams: 320,
    materials: ["washed linen", "cotton voile", "viscose twill"],
    descriptors: ["Linen", "Wrap", "Midi", "Summer", "Pleated", "Garden"],
    openings: [
        "Falls lightly, has pockets, and dries overnight.",
        "A dress for long tables and late sun.",
        "A soft waist, a wide skirt, and nothing that pinches.",
    ],
    family: &WEAR,
};
static CAP: Kind = Kind {
    slug: "cap",
    code: "CAP",
    noun: "Cap",
    category: "Accessories > Caps",
    tags: ["summer", "outdoor", "gift"],
    price: (22, 36),
    sizes: &[],
    colours: &[Navy, Green, Red, Sand, Black, Yellow],
    grams: 90,
    materials: ["cotton twill", "washed canvas", "corduroy"],
    descriptors: ["Canvas", "Corduroy", "Six-Panel", "Sailing", "Washed", "Field"],
    openings: [
        "A low crown and a brim that shades without hiding.",
        "Sun on one side, shade on the other: that is all a cap has to do.",
        "One size, a brass buckle, room for a ponytail.",
    ],
    family: &WEAR,
};
static BEANIE: Kind = Kind {
    slug: "beanie",
    code: "BEA",
    noun: "Beanie",
    category: "Accessories > Hats",
    tags: ["wool", "winter", "gift"],
    price: (18, 34),
    sizes: &[],
    colours: &[Orange, Navy, Grey, Green, Purple, Yellow, Red],
    grams: 80,
    materials: ["merino wool", "lambswool", "recycled wool"],
    descriptors: ["Ribbed", "Merino", "Dock", "Bobble", "Double-Knit", "Watch"],
    openings: [
        "Turn it up once for town, not at all for the mountain.",
        "Warm ears, no itch.",
        "A small hat that makes January shorter.",
    ],
    family: &WEAR,
};
static SCARF: Kind = Kind {
    slug: "scarf",
    code: "SCA",
    noun: "Scarf",
    category: "Accessories > Scarves",
    tags: ["wool", "winter", "gift"],
    price: (34, 72),
    sizes: &[],
    colours: &[Red, Grey, Navy, Sage, Yellow, Brown, Purple],
    grams: 190,
    materials: ["lambswool", "alpaca", "brushed wool"],
    descriptors: ["Woven", "Fringed", "Brushed", "Lambswool", "Long", "Herringbone"],
    openings: [
        "Long enough to go round twice and still warm the hands.",
        "Woven on looms older than anyone who works there.",
        "Soft enough for bare skin, firm enough for the wind.",
    ],
    family: &WEAR,
};
static SOCKS: Kind = Kind {
    slug: "socks",
    code: "SOC",
    noun: "Socks",
    category: "Accessories > Socks",
    tags: ["basics", "cotton", "gift"],
    price: (9, 19),
    sizes: &PAIRS,
    colours: &BRIGHTS,
    grams: 70,
    materials: ["combed cotton", "merino wool", "cotton and wool"],
    descriptors: ["Ribbed", "Hiking", "Everyday", "Boot", "Merino", "Cushioned"],
    openings: [
        "Socks that stay up, which is rarer than it sounds.",
        "A knitted heel, a flat toe seam, and a colour for grey days.",
        "A pair for every day that deserves better than black.",
    ],
    family: &WEAR,
};
static SNEAKERS: Kind = Kind {
    slug: "sneakers",
    code: "SNK",
    noun: "Sneakers",
    category: "Shoes > Sneakers",
    tags: ["canvas", "summer", "bestseller"],
    price: (74, 128),
    sizes: &SHOES,
    colours: &[White, Navy, Green, Red, Grey, Black],
    grams: 780,
    materials: [
        "cotton canvas and natural rubber",
        "suede and rubber",
        "recycled mesh",
    ],
    descriptors: ["Canvas", "Court", "Suede", "Low", "Runner", "Everyday"],
    openings: [
        "A flat sole, a round toe, nothing that blinks.",
        "Shoes for a city one walks across on purpose.",
        "The sole is stitched, not only glued: it can be replaced.",
    ],
    family: &WEAR,
};
static BACKPACK: Kind = Kind {
    slug: "backpack",
    code: "BAG",
    noun: "Backpack",
    category: "Bags > Backpacks",
    tags: ["travel", "outdoor", "rainproof"],
    price: (78, 148),
    sizes: &[],
    colours: &LEATHERS,
    grams: 920,
    materials: ["waxed canvas", "recycled nylon", "canvas and leather"],
    descriptors: ["Rolltop", "Day", "Canvas", "Commuter", "Weekend", "Trail"],
    openings: [
        "Twenty litres, a sleeve for a laptop, and a pocket that only its owner finds.",
        "Carries a week of groceries or a weekend of books.",
        "Straps padded where it matters and nowhere else.",
    ],
    family: &WEAR,
};
static TOTE: Kind = Kind {
    slug: "tote",
    code: "TOT",
    noun: "Tote Bag",
    category: "Bags > Totes",
    tags: ["canvas", "gift", "basics"],
    price: (16, 42),
    sizes: &[],
    colours: &[Sand, Navy, Green, Red, Black, Pink],
    grams: 210,
    materials: ["heavy cotton canvas", "organic cotton", "recycled canvas"],
    descriptors: ["Market", "Canvas", "Everyday", "Beach", "Studio", "Harvest"],
    openings: [
        "Wide enough for a baguette, strong enough for what goes with it.",
        "Handles long enough for a shoulder and seams that do not mind stones.",
        "Folds flat and forgives everything.",
    ],
    family: &WEAR,
};
static MUG: Kind = Kind {
    slug: "mug",
    code: "MUG",
    noun: "Mug",
    category: "Kitchen > Mugs",
    tags: ["stoneware", "gift", "handmade"],
    price: (14, 28),
    sizes: &[],
    colours: &GLAZES,
    grams: 380,
    materials: ["stoneware", "glazed earthenware", "porcelain"],
    descriptors: ["Stoneware", "Speckled", "Tall", "Camp", "Breakfast", "Glazed"],
    openings: [
        "Holds three decilitres and keeps them warm while you read one more page.",
        "Thrown on the wheel, glazed inside and out, with a handle for three fingers.",
        "The first coffee tastes the same; it only feels better.",
    ],
    family: &HOME,
};
static TEAPOT: Kind = Kind {
    slug: "teapot",
    code: "TPT",
    noun: "Teapot",
    category: "Kitchen > Teapots",
    tags: ["stoneware", "gift", "handmade"],
    price: (42, 84),
    sizes: &[],
    colours: &GLAZES,
    grams: 940,
    materials: ["stoneware", "porcelain", "glazed earthenware"],
    descriptors: ["Round", "Stoneware", "Family", "Glazed", "Speckled", "Sunday"],
    openings: [
        "Pours without a drop on the table, which took us eleven attempts.",
        "Six cups, a lid that stays on, a strainer that comes out.",
        "Made to be left on the table all afternoon.",
    ],
    family: &HOME,
};
static BOTTLE: Kind = Kind {
    slug: "bottle",
    code: "BTL",
    noun: "Water Bottle",
    category: "Kitchen > Bottles",
    tags: ["steel", "outdoor", "travel"],
    price: (24, 44),
    sizes: &[],
    colours: &[Blue, Green, Black, Pink, Yellow, White, Orange],
    grams: 340,
    materials: ["double-walled steel", "stainless steel", "powder-coated steel"],
    descriptors: ["Insulated", "Trail", "Steel", "Slim", "Commuter", "Wide-Mouth"],
    openings: [
        "Cold for a day, hot for half of one.",
        "No leak, no smell, no plastic in between.",
        "Half a litre that fits a bicycle and a briefcase.",
    ],
    family: &HOME,
};
static CANDLE: Kind = Kind {
    slug: "candle",
    code: "CAN",
    noun: "Scented Candle",
    category: "Home > Candles",
    tags: ["scented", "gift", "handmade"],
    price: (18, 46),
    sizes: &[],
    colours: &[Sand, Sage, Purple, Orange, White, Grey, Pink],
    grams: 420,
    materials: [
        "rapeseed wax with cedar oil",
        "soy wax with fig",
        "beeswax and lavender",
    ],
    descriptors: ["Cedar", "Fig", "Lavender", "Smoke", "Citrus", "Linen"],
    openings: [
        "Burns for forty hours and smells of a forest after rain.",
        "Poured by hand into a glass that is worth keeping.",
        "One wick, one scent, a quiet evening.",
    ],
    family: &HOME,
};
static POT: Kind = Kind {
    slug: "plant-pot",
    code: "POT",
    noun: "Plant Pot",
    category: "Home > Plants",
    tags: ["terracotta", "garden", "handmade"],
    price: (16, 58),
    sizes: &[],
    colours: &[Orange, White, Sage, Grey, Blue, Pink],
    grams: 1100,
    materials: ["terracotta", "glazed clay", "stoneware"],
    descriptors: ["Terracotta", "Footed", "Glazed", "Windowsill", "Ribbed", "Garden"],
    openings: [
        "A pot that lets roots breathe and looks good doing so.",
        "With a saucer that fits and a hole where a hole should be.",
        "For the fern you were given and the one you will buy.",
    ],
    family: &HOME,
};
static VASE: Kind = Kind {
    slug: "vase",
    code: "VAS",
    noun: "Vase",
    category: "Home > Vases",
    tags: ["stoneware", "handmade", "new"],
    price: (28, 88),
    sizes: &[],
    colours: &GLAZES,
    grams: 860,
    materials: ["stoneware", "blown glass", "porcelain"],
    descriptors: ["Bud", "Tall", "Stoneware", "Round", "Ribbed", "Glazed"],
    openings: [
        "Needs one branch to look finished and none to look good.",
        "A narrow neck that keeps three stems from falling apart.",
        "Turned slowly, fired twice.",
    ],
    family: &HOME,
};
static LAMP: Kind = Kind {
    slug: "lamp",
    code: "LMP",
    noun: "Table Lamp",
    category: "Home > Lighting",
    tags: ["lighting", "new", "bestseller"],
    price: (68, 164),
    sizes: &[],
    colours: &[Yellow, Green, Black, White, Red, Sky],
    grams: 1450,
    materials: ["powder-coated steel", "ash wood and linen", "brass and steel"],
    descriptors: ["Reading", "Desk", "Bedside", "Dome", "Studio", "Dimmable"],
    openings: [
        "Light where the book is, shade where the eyes are.",
        "Three steps of warm light and a switch one finds in the dark.",
        "A lamp that is good company even when it is off.",
    ],
    family: &HOME,
};
static CHAIR: Kind = Kind {
    slug: "chair",
    code: "CHR",
    noun: "Chair",
    category: "Home > Furniture",
    tags: ["oak", "furniture", "handmade"],
    price: (149, 289),
    sizes: &[],
    colours: &[Green, Sand, Navy, Red, Grey, Yellow],
    grams: 6200,
    materials: ["solid oak", "beech and wool felt", "ash wood"],
    descriptors: ["Dining", "Oak", "Reading", "Lounge", "Kitchen", "Stacking"],
    openings: [
        "Sits well for a meal, and for the talk after it.",
        "Four legs of solid wood and a seat that gives a little.",
        "Delivered in one piece, because it is one.",
    ],
    family: &HOME,
};
static CUSHION: Kind = Kind {
    slug: "cushion",
    code: "CUS",
    noun: "Cushion",
    category: "Home > Textiles",
    tags: ["linen", "new", "gift"],
    price: (26, 58),
    sizes: &[],
    colours: &[Yellow, Sage, Navy, Pink, Red, Sand, Purple, Sky],
    grams: 520,
    materials: ["washed linen", "wool felt", "cotton velvet"],
    descriptors: ["Linen", "Velvet", "Woven", "Square", "Tufted", "Felt"],
    openings: [
        "Filled with feathers, so that it remembers you.",
        "The cheapest way to a new sofa.",
        "A cover that comes off, a colour that does not.",
    ],
    family: &HOME,
};
static CLOCK: Kind = Kind {
    slug: "clock",
    code: "CLK",
    noun: "Wall Clock",
    category: "Home > Clocks",
    tags: ["oak", "quiet", "gift"],
    price: (48, 118),
    sizes: &[],
    colours: &[White, Black, Sky, Green, Orange, Red],
    grams: 760,
    materials: ["ash wood", "enamelled steel", "birch plywood"],
    descriptors: ["Silent", "Station", "Kitchen", "Round", "Studio", "Enamel"],
    openings: [
        "Does not tick. You will notice the quiet first.",
        "Hands one reads from across the room.",
        "It gains a second a month and makes no fuss about it.",
    ],
    family: &HOME,
};
static NOTEBOOK: Kind = Kind {
    slug: "notebook",
    code: "NTB",
    noun: "Notebook",
    category: "Stationery > Notebooks",
    tags: ["paper", "office", "gift"],
    price: (9, 26),
    sizes: &[],
    colours: &[Black, Navy, Red, Green, Yellow, Purple, Sky, Pink],
    grams: 260,
    materials: ["recycled paper", "cotton paper and linen", "stone paper"],
    descriptors: ["Dotted", "Ruled", "Pocket", "Sketch", "Linen-Bound", "Travel"],
    openings: [
        "Opens flat at every page, also at the first.",
        "Paper that takes ink without a shadow on the other side.",
        "A hundred and sixty pages, two ribbons, no advice.",
    ],
    family: &HOME,
};

/// Each kind once.
#[cfg(test)]
pub(super) fn kinds() -> Vec<&'static Kind> {
    let mut kinds: Vec<&Kind> = Vec::new();
    for kind in PLACES {
        if !kinds.iter().any(|known| known.slug == kind.slug) {
            kinds.push(kind);
        }
    }
    kinds
}
