//! Pictures of one product at two shops, told as what a person sees at both.
//!
//! A gallery is written in words: the pictures in their order, each with its alternative text.

use crate::{
    failures::is_quiet,
    laws::shops,
    world::{
        World,
        platform::{Habit, Platform, Telling, Tells},
    },
};
use shared::{
    content::Field,
    ids::{ConnectionId, ItemId},
    item::Side,
    mark::Mark,
    policy::{CloneWhich, Mutability},
    product::{Image, Product, Variant},
    sync::merge::{Merged, choose},
    time::Time,
};
use std::collections::BTreeMap;

const ITEM: ItemId = ItemId(1);

/// What the second shop makes of pictures, and what it tells of them.
#[derive(Clone, Copy, Debug)]
struct Way {
    habit: Option<Habit>,
    tells: Tells,
}

fn ways() -> Vec<Way> {
    let habits = [None, Some(Habit::OwnAddresses), Some(Habit::Recompress)];
    let answers = [Telling::Yes, Telling::No];
    let ids = answers.map(|picture_ids| answers.map(|bytes| (picture_ids, bytes)));
    let way = |habit| {
        ids.into_iter().flatten().map(move |(picture_ids, bytes)| {
            let tells = Tells {
                picture_ids,
                bytes,
                ..Tells::default()
            };
            Way { habit, tells }
        })
    };
    habits.into_iter().flat_map(way).collect()
}

fn images(gallery: &str) -> Vec<Image> {
    gallery.split_whitespace().map(image).collect()
}

fn image(words: &str) -> Image {
    let (name, alt) = words.split_once(':').unwrap_or((words, ""));
    Image {
        hash: Some(format!("bytes-of-{name}")),
        address: name.to_owned(),
        alt: alt.to_owned(),
        ..Image::default()
    }
}

fn tee(gallery: &str) -> Product {
    Product {
        title: "Tee".to_owned(),
        images: images(gallery),
        variants: vec![Variant {
            sku: "tee".to_owned(),
            ..Variant::default()
        }],
        ..Product::default()
    }
}

/// A shop's gallery of its only product, by the bytes that each picture was made of.
fn gallery(world: &World, at: usize) -> String {
    let [record] = world.places[at].platform.records.as_slice() else {
        panic!("shop-{at} has not one product: {world:?}")
    };
    let words = record.product.images.iter().map(|image| {
        let bytes = image.hash.as_deref().expect("a shop knows its bytes");
        let name = bytes.rsplit("of-").next().unwrap_or_default();
        let colon = if image.alt.is_empty() { "" } else { ":" };
        format!("{name}{colon}{}", image.alt)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn galleries(world: &World) -> [String; 2] {
    [0, 1].map(|at| gallery(world, at))
}

fn two_shops(way: Way) -> World {
    let mut world = shops(2);
    world.places[1].platform = Platform::new("shop-1", way.habit, way.tells);
    for place in &mut world.places {
        place.policy.products.clone = CloneWhich::All;
    }
    world
}

/// A product of the first shop that the second one has of it.
fn cloned(way: Way, product: Product) -> World {
    let mut world = two_shops(way);
    world.places[0].platform.enter(product, Time(0));
    world.sync_all();
    world.sync_all();
    world
}

fn edit(world: &mut World, at: usize, edit: impl FnOnce(&mut Product)) {
    let now = world.tick();
    world.places[at].platform.edit(0, now, edit);
    world.sync_all();
    world.sync_all();
}

/// Both shops show `before`; a person changes that at either, and both show `wanted`.
fn check(before: &str, change: fn(&mut Vec<Image>), wanted: &str) {
    for way in ways() {
        for at in [0, 1] {
            let mut world = cloned(way, tee(before));
            assert_eq!(galleries(&world), [before; 2], "{way:?}");
            edit(&mut world, at, |product| change(&mut product.images));
            let case = format!("{before:?}, changed at shop-{at}, {way:?}");
            assert_eq!(galleries(&world), [wanted; 2], "{case}");
            is_quiet(&mut world);
            assert_eq!(galleries(&world), [wanted; 2], "{case}");
            for place in &world.places {
                assert!(place.platform.complaints.is_empty(), "{case}");
            }
        }
    }
}

#[test]
fn what_is_done_to_a_gallery_at_one_shop_is_so_at_the_other() {
    check("one two three", |gallery| gallery.reverse(), "three two one");
    check("one two three", |gallery| gallery.swap(1, 2), "one three two");
    check("one two three", |gallery| drop(gallery.remove(0)), "two three");
    check("one two three", |gallery| drop(gallery.pop()), "one two");
    check("one two", Vec::clear, "");
    check("", |gallery| gallery.push(image("four")), "four");
    check("one two", |gallery| gallery.push(image("four")), "one two four");
    check(
        "one two",
        |gallery| gallery.insert(0, image("four")),
        "four one two",
    );
    check(
        "one two three",
        |gallery| {
            gallery.remove(1);
            gallery.insert(0, image("four"));
            gallery.swap(1, 2);
        },
        "four three one",
    );
    check(
        "one two:Back",
        |gallery| gallery.extend(images("three:Left four:Right")),
        "one two:Back three:Left four:Right",
    );
    check("one two", |gallery| gallery[1] = image("four"), "one four");
}

#[test]
fn the_text_of_a_picture_is_the_same_at_both_shops() {
    check(
        "one two",
        |gallery| "Back".clone_into(&mut gallery[1].alt),
        "one two:Back",
    );
    check("one:Front two", |gallery| gallery[0].alt.clear(), "one two");
    check(
        "one:Front two:Back",
        |gallery| gallery.reverse(),
        "two:Back one:Front",
    );
}

/// Which of its pictures show the variants of a shop's only product.
fn shown_by(world: &World, at: usize) -> Vec<String> {
    let product = &world.places[at].platform.records[0].product;
    let name = |address: &String| {
        let place = product.images.iter().position(|image| image.address == *address);
        let gallery = gallery(world, at);
        gallery
            .split(' ')
            .nth(place.expect("a variant names a picture of its product"))
            .map(str::to_owned)
    };
    let names = product.variants.iter().map(|variant| &variant.images);
    names
        .map(|images| images.iter().filter_map(name).collect::<Vec<_>>().join(" "))
        .collect()
}

fn check_variants(change: fn(&mut Product), wanted: [&str; 2]) {
    for way in ways() {
        let colored = |color: &str, picture: &str| Variant {
            sku: format!("tee-{color}"),
            options: BTreeMap::from([("Color".to_owned(), color.to_owned())]),
            images: vec![picture.to_owned()],
            ..Variant::default()
        };
        let mut world = cloned(
            way,
            Product {
                variants: vec![colored("Red", "one"), colored("Blue", "two")],
                ..tee("one two three")
            },
        );
        assert_eq!(shown_by(&world, 1), ["one", "two"], "{way:?}");
        edit(&mut world, 0, change);
        assert_eq!([0, 1].map(|at| shown_by(&world, at)), [wanted; 2], "{way:?}");
        is_quiet(&mut world);
        assert!(world.places[1].platform.complaints.is_empty(), "{way:?}");
    }
}

#[test]
fn a_variant_is_shown_by_the_same_picture_at_both_shops() {
    check_variants(
        |product| product.variants[0].images = vec!["three".to_owned()],
        ["three", "two"],
    );
    check_variants(
        |product| product.variants[0].images = vec!["three".to_owned(), "one".to_owned()],
        ["three one", "two"],
    );
    check_variants(|product| drop(product.images.remove(0)), ["", "two"]);
    check_variants(
        |product| {
            product.images.push(image("four"));
            product.variants[1].images = vec!["four".to_owned()];
        },
        ["one", "four"],
    );
}

#[test]
fn a_picture_that_a_shop_took_away_by_itself_is_not_put_back() {
    for way in ways() {
        let mut world = cloned(way, tee("one two three"));
        // Nobody asks there, so nobody can tell a shop's own doing from a person's.
        let fields = &mut world.places[1].policy.products.fields;
        fields.by_field.insert(Field::Images, Mutability::WriteOnly);
        let writes = world.writes();
        edit(&mut world, 1, |product| drop(product.images.remove(1)));
        assert_eq!(world.writes(), writes, "{way:?}");
        assert_eq!(galleries(&world), ["one two three", "one three"], "{way:?}");
        edit(&mut world, 0, |product| product.images.push(image("four")));
        assert_eq!(
            galleries(&world),
            ["one two three four", "one three four"],
            "{way:?}"
        );
        edit(&mut world, 0, |product| product.images.reverse());
        assert_eq!(
            galleries(&world),
            ["four three two one", "four three one"],
            "{way:?}"
        );
        is_quiet(&mut world);
    }
}

/// A product that both shops had already, with these galleries.
fn met(here: &str, there: &str, authority: Option<&str>) -> World {
    let mut world = two_shops(Way {
        habit: None,
        tells: Tells::default(),
    });
    for (place, gallery) in world.places.iter_mut().zip([here, there]) {
        place.platform.enter(tee(gallery), Time(0));
        let authority = authority.map(|name| {
            (
                Field::Images,
                ConnectionId::parse(name).expect("names are proper"),
            )
        });
        place.policy.hub.authority.extend(authority);
    }
    world.sync_all();
    world.sync_all();
    world
}

/// What two galleries become that meet, and whether they wait for a person's choice.
fn check_meeting(here: &str, there: &str, authority: Option<&str>, wanted: [&str; 2], mark: Mark) {
    let case = format!("{here:?} meets {there:?}, authority {authority:?}");
    let mut world = met(here, there, authority);
    assert_eq!(galleries(&world), wanted, "{case}");
    assert_eq!(world.pending(1, ITEM).mark, Some(mark), "{case}");
    is_quiet(&mut world);
    assert_eq!(galleries(&world), wanted, "{case}");
}

#[test]
fn galleries_that_meet_fill_blanks_and_wait_where_they_differ() {
    check_meeting("one two", "one two", None, ["one two"; 2], Mark::Live);
    check_meeting("", "one two", None, ["one two"; 2], Mark::Live);
    check_meeting("one two", "", None, ["one two"; 2], Mark::Live);
    check_meeting("one", "one two", None, ["one two"; 2], Mark::Live);
    check_meeting("one", "two one", None, ["one two", "two one"], Mark::Held);
    check_meeting("one two", "two one", None, ["one two", "two one"], Mark::Held);
    check_meeting("one two", "one", None, ["one two", "one"], Mark::Held);
    check_meeting("one two", "two", None, ["one two", "two"], Mark::Held);
    check_meeting("one two", "one three", None, ["one two", "one three"], Mark::Held);
    check_meeting("one", "one:Front", None, ["one:Front"; 2], Mark::Live);
    check_meeting(
        "one:Front",
        "one:Back",
        None,
        ["one:Front", "one:Back"],
        Mark::Held,
    );
}

#[test]
fn of_galleries_that_meet_the_authoritys_counts_unless_it_is_blank() {
    let (here, there) = (Some("shop-0"), Some("shop-1"));
    check_meeting("one two", "two one", here, ["one two"; 2], Mark::Live);
    check_meeting("one two", "two one", there, ["two one"; 2], Mark::Live);
    check_meeting("one two", "three", here, ["one two"; 2], Mark::Live);
    check_meeting("one two", "three", there, ["three"; 2], Mark::Live);
    check_meeting("one two three", "two", there, ["two"; 2], Mark::Live);
    check_meeting("one two", "", there, ["one two"; 2], Mark::Live);
    check_meeting("one:Front", "one:Back", there, ["one:Back"; 2], Mark::Live);
}

#[test]
fn galleries_that_met_without_a_difference_are_in_step_from_then_on() {
    for (here, there) in [("one two", "one two"), ("one", "one two"), ("", "one two")] {
        for at in [0, 1] {
            let mut world = met(here, there, None);
            edit(&mut world, at, |product| product.images.insert(0, image("four")));
            assert_eq!(galleries(&world), ["four one two"; 2], "{here:?} meets {there:?}");
        }
    }
}

/// Galleries that wait; a person says whose counts.
fn check_choice(here: &str, there: &str, side: Side, wanted: &str) {
    let mut world = met(here, there, None);
    let place = &world.places[1];
    let Merged {
        item, equivalence, ..
    } = choose(
        world.items[&ITEM].clone(),
        place.equivalences[&ITEM].clone(),
        side,
        &place.equivalences[&ITEM].held,
        &place.policy,
        &place.platform.fields,
        world.now,
    );
    world.items.insert(ITEM, item);
    world.places[1].equivalences.insert(ITEM, equivalence);
    world.sync_all();
    world.sync_all();
    let case = format!("{here:?} meets {there:?}, chosen {side:?}");
    assert_eq!(galleries(&world), [wanted; 2], "{case}");
    assert_eq!(world.pending(1, ITEM).mark, Some(Mark::Live), "{case}");
    is_quiet(&mut world);
    // What was chosen once is in step from then on.
    edit(&mut world, 1, |product| product.images.reverse());
    let turned: Vec<&str> = wanted.split(' ').rev().collect();
    assert_eq!(galleries(&world), [turned.join(" "), turned.join(" ")], "{case}");
}

#[test]
fn the_gallery_that_a_person_chose_is_shown_at_both_shops() {
    check_choice("one two", "two one", Side::Hub, "one two");
    check_choice("one two", "two one", Side::Remote, "two one");
    check_choice("one two", "one three", Side::Hub, "one two");
    check_choice("one two", "one three", Side::Remote, "one three");
    check_choice("one:Front two", "one:Back two", Side::Hub, "one:Front two");
    check_choice("one:Front two", "one:Back two", Side::Remote, "one:Back two");
    check_choice("one two", "four three", Side::Hub, "one two");
    check_choice("one two", "four three", Side::Remote, "four three");
}
