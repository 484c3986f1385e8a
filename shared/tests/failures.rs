//! What broke others' products of this kind, told as what must not happen here.

use crate::{
    laws::shops,
    world::{
        Fault, Fetched, World,
        platform::{Habit, Platform, Tells},
    },
};
use shared::{
    content::{Field, Path, Value},
    ids::{ItemId, Key},
    issue::Code,
    mark::Mark,
    money::Decimal,
    policy::{CloneWhich, Mutability},
    product::{DEFAULT_LOCATION, Image, Product, Status, Variant},
    time::Time,
};
use std::collections::BTreeMap;

fn product(title: &str, sku: &str) -> Product {
    Product {
        title: title.to_owned(),
        variants: vec![variant(sku)],
        ..Product::default()
    }
}

fn variant(sku: &str) -> Variant {
    Variant {
        sku: sku.to_owned(),
        price: Some(Decimal::from(10)),
        stock: [(DEFAULT_LOCATION.to_owned(), Decimal::from(10))].into(),
        ..Variant::default()
    }
}

/// Two shops that want everything of each other; the first one has these.
fn cloned(products: impl IntoIterator<Item = Product>) -> World {
    cloned_to([], products)
}

/// As [`cloned`], where the second shop has these habits.
fn cloned_to(habits: impl IntoIterator<Item = Habit>, products: impl IntoIterator<Item = Product>) -> World {
    let mut world = shops(2);
    world.places[1].platform = Platform::new("shop-1", habits, Tells::default());
    for place in &mut world.places {
        place.policy.products.clone = CloneWhich::All;
    }
    for product in products {
        world.places[0].platform.enter(product, Time(0));
    }
    world.sync_all();
    world.sync_all();
    world
}

/// The only product of the second shop.
fn at_the_other(world: &World) -> &Product {
    let [record] = world.places[1].platform.records.as_slice() else {
        panic!("the second shop has not one product: {world:?}")
    };
    &record.product
}

fn stock(product: &Product) -> BTreeMap<String, Decimal> {
    product.variants[0].stock.clone()
}

/// Once everything has settled nothing is written any more.
pub fn is_quiet(world: &mut World) {
    world.sync_all();
    world.sync_all();
    let before = world.writes();
    world.sync_all();
    assert_eq!(world.writes(), before, "{world:?}");
}

#[test]
fn a_stock_change_that_moves_no_modified_counts_once_everything_is_read() {
    let mut world = cloned([product("Tee", "tee")]);
    let here = &mut world.places[0].platform.records[0];
    let modified = here.updated_at;
    here.product.variants[0]
        .stock
        .insert(DEFAULT_LOCATION.to_owned(), Decimal::from(7));
    world.sync_all();
    assert_eq!(world.places[0].platform.records[0].updated_at, modified);
    assert_eq!(stock(at_the_other(&world))[DEFAULT_LOCATION], Decimal::from(7));
    is_quiet(&mut world);
}

#[test]
fn a_record_that_tells_no_stock_empties_nothing() {
    let mut world = cloned([product("Tee", "tee")]);
    world.places[0].platform.records[0].product.variants[0]
        .stock
        .clear();
    world.sync_all();
    let hub = world.items[&ItemId(1)]
        .content
        .number(&Path::stock(Key(1), DEFAULT_LOCATION));
    assert_eq!(hub, Some(Decimal::from(10)));
    assert_eq!(stock(at_the_other(&world))[DEFAULT_LOCATION], Decimal::from(10));
}

#[test]
fn what_a_short_reading_missed_is_not_created_again_and_comes_back() {
    let mut world = cloned([product("Tee", "tee"), product("Mug", "mug")]);
    let mut page = world.places[1].platform.page();
    page.truncate(1);
    assert_eq!(world.take_page(1, page), Fetched::Done);
    let missed = ItemId(2);
    assert_eq!(world.pending(1, missed).mark, Some(Mark::Vanished));
    world.send(1);
    assert_eq!(world.places[1].platform.records.len(), 2);
    world.sync_all();
    assert_eq!(world.pending(1, missed).mark, Some(Mark::Live));
    assert_eq!(world.places[1].platform.created.len(), 2);
}

#[test]
fn a_blank_or_placeholder_sku_overwrites_no_stranger() {
    for (ours, theirs) in [("", ""), ("0", "0"), ("n/a", "N/A"), ("", "-")] {
        let mut world = cloned([product("Tee", ours)]);
        world.places[1].platform.enter(product("Mug", theirs), Time(0));
        is_quiet(&mut world);
        for place in &world.places {
            let mut titles: Vec<_> = place
                .platform
                .records
                .iter()
                .map(|it| it.product.title.as_str())
                .collect();
            titles.sort_unstable();
            assert_eq!(titles, ["Mug", "Tee"], "{ours:?} and {theirs:?}");
        }
    }
}

#[test]
fn a_variant_that_is_added_later_joins_its_own_product_once() {
    let colored = |sku: &str, color: &str| Variant {
        options: [("Color".to_owned(), color.to_owned())].into(),
        ..variant(sku)
    };
    let mut world = cloned([Product {
        variants: vec![colored("tee-red", "Red"), colored("tee-blue", "Blue")],
        ..product("Tee", "")
    }]);
    let now = world.tick();
    world.places[0]
        .platform
        .edit(0, now, |tee| tee.variants.push(colored("tee-green", "Green")));
    is_quiet(&mut world);
    for place in &world.places {
        let skus: Vec<_> = place
            .platform
            .records
            .iter()
            .flat_map(|record| &record.product.variants)
            .map(|variant| variant.sku.as_str())
            .collect();
        assert_eq!(skus, ["tee-red", "tee-blue", "tee-green"]);
    }
}

#[test]
fn a_picture_is_uploaded_once_whatever_the_platform_makes_of_it() {
    for habit in [Habit::Recompress, Habit::OwnAddresses] {
        let picture = Image {
            hash: Some("front".to_owned()),
            address: "https://shop-0.example/front.png".to_owned(),
            ..Image::default()
        };
        let mut world = cloned_to(
            [habit],
            [Product {
                images: vec![picture],
                ..product("Tee", "tee")
            }],
        );
        assert_eq!(world.places[1].platform.writes, 1, "{habit:?}");
        let now = world.tick();
        world.places[0].platform.edit(0, now, |tee| {
            tee.images[0].address = "https://shop-0.example/renamed.png".to_owned();
        });
        is_quiet(&mut world);
        assert_eq!(at_the_other(&world).images.len(), 1, "{habit:?}");
        assert_eq!(world.places[1].platform.writes, 1, "{habit:?}");
    }
}

#[test]
fn a_record_that_is_refused_stops_only_itself_and_is_named() {
    let mut world = shops(2);
    for sku in ["a", "b", "c"] {
        world.places[0].platform.enter(product(sku, sku), Time(0));
    }
    world.places[1].policy.products.clone = CloneWhich::All;
    world.places[1].faults = [Fault::None, Fault::Refused, Fault::None].into();
    world.sync_all();
    let there: Vec<_> = world.places[1]
        .platform
        .records
        .iter()
        .map(|it| it.product.title.as_str())
        .collect();
    assert_eq!(there, ["a", "c"]);
    for (item, here) in &world.places[1].equivalences {
        let told: Vec<_> = here
            .issues
            .iter()
            .map(|issue| (issue.code, issue.message.as_str()))
            .collect();
        let wanted: &[_] = match item {
            ItemId(2) => &[(Code::Refused, "shop-1 refused it: No.")],
            _ => &[],
        };
        assert_eq!(told, wanted, "{item}");
    }
}

#[test]
fn a_field_that_is_switched_off_is_left_alone_and_is_sent_once_it_is_on_again() {
    for off in [Mutability::Ignore, Mutability::ReadOnly] {
        let mut world = cloned([product("Tee", "tee")]);
        let switch = |world: &mut World, mutability| {
            let fields = &mut world.places[1].policy.products.fields.by_field;
            fields.insert(Field::Price, mutability);
        };
        switch(&mut world, off);
        let now = world.tick();
        world.places[0]
            .platform
            .edit(0, now, |tee| tee.variants[0].price = Some(Decimal::from(12)));
        is_quiet(&mut world);
        assert_eq!(
            at_the_other(&world).variants[0].price,
            Some(Decimal::from(10)),
            "{off:?}"
        );
        switch(&mut world, Mutability::Sync);
        is_quiet(&mut world);
        assert_eq!(
            at_the_other(&world).variants[0].price,
            Some(Decimal::from(12)),
            "{off:?}"
        );
    }
}

#[test]
fn a_price_is_not_sent_in_a_currency_without_a_rate_until_there_is_one() {
    let mut world = shops(2);
    let euro = "EUR".parse().unwrap();
    world.places[1].policy.products.clone = CloneWhich::All;
    world.places[1].policy.prices.currency = Some(euro);
    world.places[0].platform.enter(product("Tee", "tee"), Time(0));
    is_quiet(&mut world);
    assert_eq!(at_the_other(&world).variants[0].price, None);
    let issues = world.pending(1, ItemId(1)).issues;
    let codes: Vec<Code> = issues.iter().map(|issue| issue.code).collect();
    assert_eq!(codes, [Code::NoExchangeRate]);
    world.places[1].policy.hub.rates.insert(euro, Decimal::from(2));
    is_quiet(&mut world);
    assert_eq!(at_the_other(&world).variants[0].price, Some(Decimal::from(5)));
    assert_eq!(world.pending(1, ItemId(1)).issues, []);
}

#[test]
fn what_is_taken_off_sale_at_one_shop_does_not_stay_on_sale_at_another() {
    for status in [Status::Paused, Status::Draft, Status::Archived] {
        let mut world = cloned([Product {
            status: Some(Status::Active),
            ..product("Tee", "tee")
        }]);
        assert_eq!(at_the_other(&world).status, Some(Status::Active));
        let now = world.tick();
        world.places[0]
            .platform
            .edit(0, now, |tee| tee.status = Some(status));
        is_quiet(&mut world);
        assert_eq!(at_the_other(&world).status, Some(status));
    }
}

#[test]
fn html_that_a_platform_rewrites_is_sent_once_and_never_comes_back() {
    let text = "Soft & warm";
    let mut world = cloned_to(
        [Habit::Escape, Habit::Paragraphs],
        [Product {
            description: text.to_owned(),
            ..product("Tee", "tee")
        }],
    );
    assert_ne!(at_the_other(&world).description, text);
    is_quiet(&mut world);
    assert_eq!(world.places[1].platform.writes, 1);
    let description = Path::field(Field::Description);
    let hub = world.items[&ItemId(1)].content.get(&description);
    assert_eq!(hub, Some(&Value::Text(text.into())));
    assert_eq!(world.places[0].platform.records[0].product.description, text);
}
