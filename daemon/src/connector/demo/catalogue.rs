//! The products that a demo shop begins with: a pure function of a seed and an index, so that a catalogue of
//! any size takes no room, and two shops with the same seed sell the same things.

use super::assortment::{Brand, Colour, Kind, LINES, PLACES, SHELF};
use serde::{Deserialize, Serialize};
use shared::{
    ids::RemoteId,
    money::Decimal,
    product::{Image, Product, Status, Variant},
    time::Time,
};
use std::{collections::BTreeMap, fmt::Write};

/// The number of the first product of every catalogue; its id is `p1000`.
pub(super) const FIRST_NUMBER: u64 = 1000;
/// More products than this would reach into the numbers and barcodes of others.
pub(super) const MOST_PRODUCTS: u64 = 5_000_000;

/// 2025-01-01T00:00:00Z: when the first product of every catalogue last changed.
const OPENING: Time = Time(1_735_689_600_000);
/// From one product's last change to the next one's, in milliseconds.
const BETWEEN: u64 = 5_000;

/// Which products a shop begins with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    pub seed: u64,
    /// How many.
    pub products: u64,
    /// The index of the first one, so that two shops can overlap only partly.
    pub offset: u64,
    /// How many in a million differ in price, stock or title from what other shops with this seed show.
    pub differences: u32,
    /// Where stock is kept; at least one.
    pub locations: Vec<String>,
    /// Makes one shop's differences other than the next one's.
    pub salt: u64,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self {
            seed: 1,
            products: 240,
            offset: 0,
            differences: 0,
            locations: vec![shared::product::DEFAULT_LOCATION.to_owned()],
            salt: 0,
        }
    }
}

impl Catalogue {
    /// The numbers that its products have.
    pub(super) fn numbers(&self) -> std::ops::Range<u64> {
        FIRST_NUMBER..FIRST_NUMBER + self.products
    }

    /// The product of one of its [`numbers`](Self::numbers).
    pub(super) fn product(&self, number: u64) -> Product {
        let design = Design::new(self.seed, self.offset + number - FIRST_NUMBER);
        let mut stocking = design.chance.clone();
        let mut title = design.title();
        let mut price = design.price;
        let mut more_stock = 0;
        let mut chance = Chance::new(self.salt ^ self.seed, design.index);
        if chance.in_a_million(self.differences) {
            match chance.below(3) {
                0 => price = (price * (105 + chance.below(12)) / 100 / 10 * 10).max(100),
                1 => more_stock = 1 + chance.below(9),
                _ => title.push_str(chance.pick(&[" (New)", ", 2026 Edition", " - Classic"])),
            }
        }

        let mut images = Vec::with_capacity(design.colours.len());
        for (at, colour) in design.colours.iter().enumerate() {
            images.push(Image {
                remote_id: Some(image_id(number, at as u64 + 1)),
                hash: None,
                address: address(design.kind, *colour),
                alt: joined(&[&title, " in ", colour.name()]),
            });
        }

        let simple = design.colours.len() == 1 && design.sizes.is_empty();
        let sizes: &[&str] = if design.sizes.is_empty() {
            &[""]
        } else {
            design.sizes
        };
        let mut variants = Vec::with_capacity(design.colours.len() * sizes.len());
        for (at, colour) in design.colours.iter().enumerate() {
            for size in sizes {
                let nth = variants.len() as u64 + 1;
                let mut options = BTreeMap::new();
                if !simple {
                    options.insert("Color".to_owned(), colour.name().to_owned());
                }
                if !size.is_empty() {
                    options.insert("Size".to_owned(), (*size).to_owned());
                }
                let sku = design.sku(if simple { None } else { Some(*colour) }, size);
                let mut stock = BTreeMap::new();
                for location in &self.locations {
                    let quantity = stocked(&mut stocking) + more_stock;
                    stock.insert(location.clone(), Decimal::from(quantity.cast_signed()));
                }
                variants.push(Variant {
                    remote_id: if simple {
                        None
                    } else {
                        Some(variant_id(number, nth))
                    },
                    sku,
                    barcode: barcode(self.seed, design.index, nth),
                    options,
                    price: Some(Decimal::new(price.cast_signed(), 2)),
                    compare_at_price: design
                        .was
                        .filter(|was| *was > price)
                        .map(|was| Decimal::new(was.cast_signed(), 2)),
                    cost: Some(Decimal::new(design.cost.cast_signed(), 2)),
                    stock,
                    weight: Some(Decimal::new(design.grams.cast_signed(), 3)),
                    images: vec![images[at].address.clone()],
                });
            }
        }

        let mut attributes = BTreeMap::new();
        attributes.insert("Material".to_owned(), design.material.to_owned());
        if simple {
            attributes.insert("Color".to_owned(), design.colours[0].name().to_owned());
        }
        let model = design.model();
        Product {
            description: joined(&[
                "<p>",
                design.opening,
                "</p>\n<p>Made of ",
                design.material,
                ". ",
                design.care,
                "</p>",
            ]),
            title,
            brand: design.brand.name.to_owned(),
            mpn: joined(&[design.brand.code, &model]),
            model,
            categories: vec![design.kind.category.to_owned()],
            tags: design.tags.iter().map(|&tag| tag.to_owned()).collect(),
            status: Some(design.status),
            attributes,
            images,
            variants,
        }
    }

    /// When a product last changed before the shop opened; later numbers changed later.
    pub(super) fn changed_at(number: u64) -> Time {
        let position = number.saturating_sub(FIRST_NUMBER).min(MOST_PRODUCTS);
        Time(OPENING.0 + (position * BETWEEN).cast_signed())
    }

    /// The first number whose product changed at or after `since`.
    pub(super) fn first_since(&self, since: Time) -> u64 {
        let waited = u64::try_from(since.0.saturating_sub(OPENING.0)).unwrap_or(0);
        let Some(number) = FIRST_NUMBER.checked_add(waited.div_ceil(BETWEEN)) else {
            return self.numbers().end;
        };
        number.min(self.numbers().end)
    }

    /// The number of the product that might have this SKU: only its own says for sure.
    pub(super) fn number_of_sku(&self, sku: &str) -> Option<u64> {
        let model = sku.split('-').nth(2)?;
        let tag = sku_tag(self.seed);
        let digits = model
            .get(..tag.len())
            .filter(|start| start.eq_ignore_ascii_case(&tag))
            .map(|_| &model[tag.len()..])?;
        let index: u64 = digits.parse().ok()?;
        let number = FIRST_NUMBER + index.checked_sub(self.offset)?;
        self.numbers().contains(&number).then_some(number)
    }
}

/// What is decided about the product of one index, before words and variants are made of it.
struct Design {
    seed: u64,
    index: u64,
    kind: &'static Kind,
    brand: &'static Brand,
    line: &'static str,
    descriptor: &'static str,
    /// Above 1 when kind, line and descriptor have come together before.
    edition: u64,
    colours: Colours,
    sizes: &'static [&'static str],
    price: u64,
    /// The price before the sale.
    was: Option<u64>,
    cost: u64,
    grams: u64,
    material: &'static str,
    opening: &'static str,
    care: &'static str,
    tags: [&'static str; 2],
    status: Status,
    /// What is left to chance after all this.
    chance: Chance,
}

impl Design {
    fn new(seed: u64, index: u64) -> Self {
        let (shelf, position) = (index / SHELF as u64, index % SHELF as u64);
        // Each shelf is walked in its own step; SHELF is prime, so every place comes once.
        let mut order = Chance::new(seed, shelf ^ 0x5e1f);
        let (step, start) = (1 + order.below(SHELF as u64 - 1), order.below(SHELF as u64));
        let place = (position * step + start) % SHELF as u64;
        let kind = PLACES[usize::try_from(place).expect("a place is below SHELF")];

        // The how manieth product of its kind this is decides its name: a kind goes through all lines before one
        // comes back, then with the next descriptor, and with the next edition once all of those are used up.
        let same = |at: &usize| std::ptr::eq(PLACES[*at], kind);
        let places = (0..SHELF).filter(same).count() as u64;
        let before = (0..small(place)).filter(same).count() as u64;
        let nth = shelf * places + before;
        let first = (0..SHELF)
            .position(|at| same(&at))
            .expect("the kind stands somewhere") as u64;
        let (lines, descriptors) = (LINES.len() as u64, kind.descriptors.len() as u64);
        let shift = first * 7 + Chance::new(seed, 0x11e5).below(lines);
        let (round, line) = (nth / lines, (nth * 17 + shift) % lines);

        let mut chance = Chance::new(seed, index);
        let sizes = match kind.sizes.len() {
            0 => kind.sizes,
            all => {
                let many = if chance.below(5) == 0 { 4 } else { 3 }.min(all);
                let from = small(chance.below((all - many) as u64 + 1));
                &kind.sizes[from..from + many]
            }
        };
        let how_many = match (kind.sizes.is_empty(), chance.below(100)) {
            (true, 0..45) | (false, 0..78) => 1,
            (true, 45..80) | (false, _) => 2,
            (true, _) => 3,
        };
        let colours = Colours::pick(kind.colours, how_many, &mut chance);

        let (low, high) = kind.price;
        let full = (low + chance.below(high - low + 1)) * 100 - chance.pick(&[0, 0, 10, 50]);
        let on_sale = chance.below(8) == 0;
        let price = if on_sale {
            full * (70 + chance.below(4) * 5) / 100 / 10 * 10
        } else {
            full
        };
        let cost = full * (38 + chance.below(18)) / 100;
        let skip = small(chance.below(3));
        Self {
            seed,
            index,
            kind,
            brand: chance.pick_ref(&kind.family.brands),
            line: LINES[small(line)],
            descriptor: kind.descriptors[small((round + line) % descriptors)],
            edition: 1 + round / descriptors,
            colours,
            sizes,
            price,
            was: on_sale.then_some(full),
            cost,
            grams: kind.grams * (85 + chance.below(31)) / 100,
            material: chance.pick(&kind.materials),
            opening: chance.pick(&kind.openings),
            care: chance.pick(&kind.family.care),
            tags: [kind.tags[skip], kind.tags[(skip + 1) % 3]],
            status: match chance.below(100) {
                0..93 => Status::Active,
                93..97 => Status::Draft,
                97..99 => Status::Paused,
                _ => Status::Archived,
            },
            chance,
        }
    }

    fn title(&self) -> String {
        let mut title = String::with_capacity(64);
        for (at, word) in [self.line, self.descriptor, self.kind.noun]
            .into_iter()
            .enumerate()
        {
            if at > 0 {
                title.push(' ');
            }
            title.push_str(word);
        }
        if self.edition > 1 {
            let _ = write!(title, " No. {}", self.edition);
        }
        title
    }

    fn model(&self) -> String {
        let mut model = String::with_capacity(16);
        model.push_str(self.kind.code);
        model.push('-');
        push_number(&mut model, self.seed, self.index);
        model
    }

    fn sku(&self, colour: Option<Colour>, size: &str) -> String {
        let mut sku = String::with_capacity(28);
        sku.push_str(self.brand.code);
        sku.push('-');
        sku.push_str(self.kind.code);
        sku.push('-');
        push_number(&mut sku, self.seed, self.index);
        if let Some(colour) = colour {
            sku.push('-');
            sku.push_str(colour.code());
        }
        if !size.is_empty() {
            sku.push('-');
            sku.push_str(size);
        }
        sku
    }
}

/// A quantity for the next variant: mostly some, sometimes few, now and then none.
fn stocked(chance: &mut Chance) -> u64 {
    match chance.below(20) {
        0 => 0,
        1..4 => 1 + chance.below(5),
        _ => 6 + chance.below(60),
    }
}

/// One to three colours, without an allocation.
struct Colours {
    colours: [Colour; 3],
    many: usize,
}

impl Colours {
    fn pick(from: &[Colour], many: usize, chance: &mut Chance) -> Self {
        let start = small(chance.below(from.len() as u64));
        let step = 1 + small(chance.below(2));
        // At most 3 of at least 5 colours, in steps of 1 or 2: none comes twice.
        let colours = [0, 1, 2].map(|nth| from[(start + nth * step) % from.len()]);
        Self { colours, many }
    }
}

impl std::ops::Deref for Colours {
    type Target = [Colour];
    fn deref(&self) -> &[Colour] {
        &self.colours[..self.many]
    }
}

/// Numbers that look like chance and follow from a seed and an index (`SplitMix64`).
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64, index: u64) -> Self {
        Self(mix(seed).wrapping_add(mix(index ^ 0x00c2_5c2c)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        // The high half of the product is even enough for shops of this size, and needs no division.
        u64::try_from((u128::from(self.next()) * u128::from(end)) >> 64).expect("it is below `end`")
    }

    pub(super) fn in_a_million(&mut self, share: u32) -> bool {
        self.below(1_000_000) < u64::from(share)
    }

    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *self.pick_ref(from)
    }

    pub(super) fn pick_ref<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[small(self.below(from.len() as u64))]
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn small(number: u64) -> usize {
    usize::try_from(number).expect("it counts the entries of a table")
}

pub(super) fn product_id(number: u64) -> RemoteId {
    RemoteId::from(joined(&["p", itoa(number, &mut [0; 20])]))
}

pub(super) fn variant_id(number: u64, part: u64) -> RemoteId {
    RemoteId::from(part_id("v", number, part))
}

pub(super) fn image_id(number: u64, part: u64) -> RemoteId {
    RemoteId::from(part_id("i", number, part))
}

fn part_id(letter: &str, number: u64, part: u64) -> String {
    joined(&[letter, itoa(number, &mut [0; 20]), "-", itoa(part, &mut [0; 20])])
}

/// The number in a product's id, `p1000`.
pub(super) fn number_of(id: &str) -> Option<u64> {
    let digits = id.strip_prefix('p')?;
    // `p+7` and `p007` are no ids, though they could be read as numbers.
    let number: u64 = digits.parse().ok()?;
    (itoa(number, &mut [0; 20]) == digits).then_some(number)
}

fn address(kind: &Kind, colour: Colour) -> String {
    joined(&["demo:", kind.slug, "-", colour.slug()])
}

/// Seeds other than 1 mark their SKUs, so that unrelated shops share none.
fn sku_tag(seed: u64) -> String {
    if seed == 1 {
        return String::new();
    }
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
    let mut chance = Chance::new(seed, 0x7a6);
    (0..3).map(|_| char::from(chance.pick(letters))).collect()
}

fn push_number(to: &mut String, seed: u64, index: u64) {
    if seed != 1 {
        to.push_str(&sku_tag(seed));
    }
    let mut digits = [0; 20];
    let digits = itoa(index, &mut digits);
    for _ in digits.len()..3 {
        to.push('0');
    }
    to.push_str(digits);
}

/// A GTIN-13 in the range 952, which GS1 keeps for demonstrations: no real product has it.
fn barcode(seed: u64, index: u64, nth: u64) -> String {
    let start = if seed == 1 {
        0
    } else {
        Chance::new(seed, 0xbac0).below(1_000_000_000)
    };
    // No product has more than 16 variants, so the numbers of two products never meet.
    let mut number = (start + index * 16 + nth) % 1_000_000_000;
    let mut digits = [b'0'; 13];
    digits[..3].copy_from_slice(b"952");
    for at in (3..12).rev() {
        digits[at] = b'0' + u8::try_from(number % 10).expect("a digit");
        number /= 10;
    }
    digits[12] = b'0' + check_digit(&digits[..12]);
    String::from_utf8(digits.to_vec()).expect("digits are ASCII")
}

/// The check digit of a GTIN-13 from its first twelve digits.
fn check_digit(digits: &[u8]) -> u8 {
    let sum: u32 = digits
        .iter()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 1 } else { 3 })
        .sum();
    u8::try_from((10 - sum % 10) % 10).expect("a digit")
}

/// `format!` costs several times as much, and a catalogue is made of little else than this.
fn joined(parts: &[&str]) -> String {
    let mut text = String::with_capacity(parts.iter().map(|part| part.len()).sum());
    for part in parts {
        text.push_str(part);
    }
    text
}

fn itoa(mut number: u64, digits: &mut [u8; 20]) -> &str {
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + u8::try_from(number % 10).expect("a digit");
        number /= 10;
        if number == 0 {
            return std::str::from_utf8(&digits[from..]).expect("digits are ASCII");
        }
    }
}
