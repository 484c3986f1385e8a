//! The laws of sales orders, each over random worlds, and the failures of others by name.

use crate::{
    cases,
    trade::{CHOOSY, Fault, Habit, Shop, World, bought, d, payment, shipment},
};
use proptest::{
    collection::{btree_set, vec},
    prelude::*,
    sample::select,
};
use shared::{
    content::{Change, Field, Leaf, Part, Path, diff},
    ids::ItemId,
    issue::{Code, Severity},
    mark::Mark,
    money::Decimal,
    order::{Line, Order, Shipment, ShippedLine},
    policy::{Mutability, UnmappedLine},
    sync::{
        order::{matching::resolve_lines, view::view},
        pending::last_sent,
    },
};

/// Something that happens at a shop, or to the connection with it.
#[derive(Clone, Debug)]
enum Event {
    Place(usize, Vec<(u64, i64)>),
    Status(usize, usize, &'static str),
    Fulfil(usize, usize, &'static str),
    Note(usize, usize, &'static str),
    Phone(usize, usize, &'static str),
    Street(usize, usize, &'static str),
    Ship(usize, usize, &'static str),
    Track(usize, usize, &'static str),
    Unship(usize, usize),
    Pay(usize, usize, &'static str),
    Quantity(usize, usize, i64),
    Drop(usize, usize),
    Fetch(usize),
    Send(usize),
    /// A record as it once was comes again.
    Repeat(usize, usize),
    Fault(usize, Fault),
}

fn event() -> impl Strategy<Value = Event> {
    let shop = || 0..3_usize;
    let order = || 0..6_usize;
    let statuses = select(vec!["pending", "processing", "completed", "on-hold", "layaway"]);
    let fulfilments = select(vec!["unfulfilled", "partial", "fulfilled"]);
    let notes = select(vec!["", "Ring twice", "Gift ", "Leave it"]);
    let numbers = || select(vec!["", "T1", "T2", "T3"]);
    let faults = select(vec![Fault::AnswerLost, Fault::CallLost, Fault::Refused]);
    let edits = prop_oneof![
        (shop(), order(), statuses).prop_map(|(at, of, word)| Event::Status(at, of, word)),
        (shop(), order(), fulfilments).prop_map(|(at, of, word)| Event::Fulfil(at, of, word)),
        (shop(), order(), notes).prop_map(|(at, of, note)| Event::Note(at, of, note)),
        (shop(), order(), select(vec!["", "1", "2"])).prop_map(|(at, of, phone)| Event::Phone(at, of, phone)),
        (shop(), order(), select(vec!["", "Hill 1", "Hill 2"]))
            .prop_map(|(at, of, to)| Event::Street(at, of, to)),
        (shop(), order(), 1..4_i64).prop_map(|(at, of, quantity)| Event::Quantity(at, of, quantity)),
        (shop(), order()).prop_map(|(at, of)| Event::Drop(at, of)),
    ];
    let parts = prop_oneof![
        (shop(), order(), numbers()).prop_map(|(at, of, number)| Event::Ship(at, of, number)),
        (shop(), order(), numbers()).prop_map(|(at, of, number)| Event::Track(at, of, number)),
        (shop(), order()).prop_map(|(at, of)| Event::Unship(at, of)),
        (shop(), order(), select(vec!["", "R1", "R2"])).prop_map(|(at, of, paid)| Event::Pay(at, of, paid)),
    ];
    prop_oneof![
        3 => (shop(), vec((1..5_u64, 1..4_i64), 1..4)).prop_map(|(at, things)| Event::Place(at, things)),
        5 => edits,
        4 => parts,
        2 => shop().prop_map(Event::Fetch),
        2 => shop().prop_map(Event::Send),
        1 => (shop(), 0..30_usize).prop_map(|(at, past)| Event::Repeat(at, past)),
        1 => (shop(), faults).prop_map(|(at, fault)| Event::Fault(at, fault)),
    ]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    vec(event(), 0..25)
}

/// Three shops, at most one of which lacks a product and has words of its own.
fn world(mutabilities: &'static [Mutability]) -> impl Strategy<Value = World> {
    let habits = || {
        let all = vec![
            Habit::ForgetsTokens,
            Habit::NamesNoParts,
            Habit::TrimsNotes,
            Habit::ShoutsCarriers,
            Habit::KeepsNoPayments,
            Habit::RoundsTax,
            Habit::AddsAFee,
        ];
        btree_set(select(all), 0..3)
    };
    let fields = vec(
        (select(Field::ORDER.to_vec()), select(mutabilities.to_vec())),
        0..4,
    );
    let unmapped = select(vec![UnmappedLine::Hold, UnmappedLine::CustomLine]);
    let status = select(vec![None, Some("pending")]);
    let shop = (habits(), fields, unmapped, status, any::<bool>(), any::<bool>());
    vec(shop, 3).prop_map(|shops| {
        let make = |(at, (habits, fields, unmapped, status, choosy, lacks)): (usize, _)| {
            let mut shop = Shop::new(&format!("shop-{at}"));
            shop.habits = habits;
            let fields: Vec<(Field, Mutability)> = fields;
            shop.policy.orders.fields.by_field.extend(fields);
            shop.policy.orders.defaults.unmapped_line = unmapped;
            let status: Option<&str> = status;
            shop.policy.orders.defaults.status = status.map(str::to_owned);
            if choosy {
                shop.ability = CHOOSY;
            }
            if lacks {
                shop.lacks.insert(ItemId(4));
            }
            shop
        };
        World::new(shops.into_iter().enumerate().map(make).collect())
    })
}

const ALL: &[Mutability] = &[
    Mutability::Sync,
    Mutability::ReadOnly,
    Mutability::WriteOnly,
    Mutability::Ignore,
];
const SYNC: &[Mutability] = &[Mutability::Sync];

fn live(world: World, events: Vec<Event>) -> World {
    let mut world = world;
    for event in events {
        happen(&mut world, event);
    }
    for shop in &mut world.shops {
        shop.faults.clear();
    }
    world
}

fn happen(world: &mut World, event: Event) {
    let now = world.tick();
    match event {
        Event::Place(at, things) => {
            let number = format!("{at}-{}", now.0);
            world.shops[at].place(bought(&number, &things), now);
        }
        Event::Status(at, of, word) => edit(world, at, of, |order| order.status = word.into()),
        Event::Fulfil(at, of, word) => edit(world, at, of, |order| order.fulfilment_status = word.into()),
        Event::Note(at, of, note) => edit(world, at, of, |order| order.note = note.into()),
        Event::Phone(at, of, phone) => edit(world, at, of, |order| order.buyer.phone = phone.into()),
        Event::Street(at, of, to) => edit(world, at, of, |order| {
            order.shipping_address.line1 = to.into();
        }),
        Event::Ship(at, of, number) => edit(world, at, of, |order| {
            let line = order.lines.first().and_then(|line| line.remote_id.clone());
            let mut parcel = shipment(number);
            parcel.lines.extend(line.map(|line| ShippedLine {
                line,
                quantity: Decimal::ONE,
            }));
            order.shipments.push(parcel);
        }),
        Event::Track(at, of, number) => edit(world, at, of, |order| {
            if let Some(parcel) = order.shipments.first_mut() {
                parcel.tracking_number = number.into();
                parcel.tracking_url = format!("https://post.example/{number}");
            }
        }),
        Event::Unship(at, of) => edit(world, at, of, |order| {
            order.shipments.pop();
        }),
        Event::Pay(at, of, paid) => edit(world, at, of, |order| {
            order.payments.push(payment(paid));
            order.payment_status = "paid".into();
        }),
        Event::Quantity(at, of, quantity) => edit(world, at, of, |order| {
            order.lines[0].quantity = Decimal::from(quantity);
        }),
        Event::Drop(at, of) => edit(world, at, of, |order| {
            if order.lines.len() > 1 {
                order.lines.pop();
            }
        }),
        Event::Fetch(at) => world.fetch(at),
        Event::Send(at) => world.send(at),
        Event::Repeat(at, past) => {
            // Only what was taken in before comes again.
            let shop = &world.shops[at];
            let known = |record: &&shared::order::Record| shop.remotes.contains_key(&record.remote_id);
            let again = shop.past.iter().filter(known).nth(past).cloned();
            if let Some(again) = again {
                world.take(at, &again);
            }
        }
        Event::Fault(at, fault) => world.shops[at].faults.push_back(fault),
    }
}

fn edit(world: &mut World, at: usize, of: usize, change: impl FnOnce(&mut Order)) {
    let now = world.now;
    let shop = &mut world.shops[at];
    if !shop.records.is_empty() {
        shop.edit(of % shop.records.len(), now, change);
    }
}

proptest! {
    #![proptest_config(cases("orders"))]

    #[test]
    fn after_two_syncs_without_an_edit_a_further_sync_writes_nothing(world in world(ALL), events in events()) {
        let mut world = live(world, events);
        world.sync_all();
        world.sync_all();
        let (writes, items) = (world.writes(), world.items.clone());
        world.sync_all();
        prop_assert_eq!(writes, world.writes());
        for (id, item) in &world.items {
            let before = items.get(id).map(|item| &item.content);
            prop_assert_eq!(before, Some(&item.content));
        }
    }

    #[test]
    fn what_is_read_only_or_ignored_is_never_pending(world in world(ALL), events in events()) {
        let world = live(world, events);
        for (at, shop) in world.shops.iter().enumerate() {
            for id in world.items.keys() {
                let pending = world.pending(at, *id);
                let default = |path: &Path| {
                    pending.mark == Some(Mark::Create) && *path == Path::field(Field::Status)
                };
                for Change { path, .. } in &pending.changes {
                    let written = shop.policy.orders.fields.of(path.governed_by()).writes();
                    prop_assert!(written || default(path), "{path} at shop-{at}");
                }
            }
        }
    }

    #[test]
    fn shops_show_the_same_when_edits_stop(world in world(SYNC), events in events()) {
        let mut world = live(world, events);
        for _ in 0..3 {
            world.sync_all();
        }
        for (at, shop) in world.shops.iter().enumerate() {
            for (id, here) in shop.equivalences.iter().filter(|(_, here)| here.is_live()) {
                let wanted = view(&world.items[id].content, &shop.policy, &shop.ability).content;
                for change in diff(&here.acknowledged, &wanted) {
                    let Change { path, old, new } = &change;
                    // What was bought, what is never taken away, money that came in, what the shop took away itself, and
                    // what it made of what it was sent.
                    let gone = path.part.key().is_some_and(|key| here.child(key).is_some())
                        && !here.acknowledged.has(path.part);
                    let dropped = last_sent(here, &Path::of(path.part, Leaf::Exists)).is_some()
                        && !here.acknowledged.has(path.part);
                    let nameless = matches!(path.part, Part::Shipment(_))
                        && shop.habits.contains(&Habit::NamesNoParts);
                    let settled = matches!(path.part, Part::Line(_) | Part::Payment(_))
                        || nameless && path.leaf != Leaf::Exists
                        || new.is_none()
                        || gone
                        || dropped
                        || last_sent(here, path) == new.as_ref();
                    prop_assert!(settled, "shop-{at} shows {old:?} at {path} instead of {new:?}");
                }
            }
        }
    }

    #[test]
    fn the_price_that_the_buyer_paid_is_kept_to_the_cent_and_no_line_is_lost(
        world in world(SYNC),
        orders in vec((0..3_usize, vec((1..5_u64, 1..4_i64), 1..4)), 1..5),
        events in events(),
    ) {
        let mut world = world;
        for (at, things) in orders {
            happen(&mut world, Event::Place(at, things));
        }
        // What the origin changes later is told by an issue instead.
        let events = events.into_iter().filter(|event| !matches!(event, Event::Quantity(..) | Event::Drop(..)));
        let mut world = live(world, events.collect());
        world.sync_all();
        world.sync_all();
        for (id, item) in &world.items {
            let origin = world.origin(item).expect("every order was placed somewhere");
            let copies = world.copies(origin);
            let placed = &copies[id][0].order;
            for at in (0..world.shops.len()).filter(|at| *at != origin) {
                let pending = world.pending(at, *id);
                match world.copies(at).get(id) {
                    None => {
                        prop_assert_eq!(pending.mark, Some(Mark::Held));
                        prop_assert!(pending.issues.iter().any(|issue| issue.code == Code::UnmappedLine));
                    }
                    Some(copies) => {
                        let habits = &world.shops[at].habits;
                        is_same_sale(placed, &copies[0].order, habits.contains(&Habit::RoundsTax))?;
                    }
                }
            }
        }
    }

    #[test]
    fn no_order_is_created_twice(world in world(SYNC), events in events()) {
        let mut world = live(world, events);
        world.sync_all();
        world.sync_all();
        let placed: usize = world.items.len();
        for at in 0..world.shops.len() {
            let copies = world.copies(at);
            prop_assert!(copies.values().all(|copies| copies.len() == 1), "{:?}", copies);
            prop_assert!(copies.len() <= placed);
            prop_assert_eq!(copies.len(), world.shops[at].records.len(), "a copy was taken for an order");
        }
    }

    #[test]
    fn an_old_record_never_wins(world in world(ALL), events in events(), at in 0..3_usize) {
        let mut world = live(world, events);
        world.sync_all();
        world.sync_all();
        let (items, here) = (world.items.clone(), world.shops[at].equivalences.clone());
        for old in world.shops[at].past.clone() {
            let current = world.shops[at].records.contains(&old);
            if !current {
                world.take(at, &old);
            }
        }
        prop_assert_eq!(&items, &world.items);
        prop_assert_eq!(&here, &world.shops[at].equivalences);
        // Nor does one that comes twice change anything but when it was seen.
        world.fetch(at);
        prop_assert_eq!(&items, &world.items);
    }
}

fn is_same_sale(placed: &Order, copy: &Order, rounds: bool) -> Result<(), TestCaseError> {
    prop_assert_eq!(placed.currency, copy.currency);
    prop_assert_eq!(placed.totals, copy.totals);
    prop_assert!(copy.lines.len() >= placed.lines.len());
    for (line, copied) in placed.lines.iter().zip(&copy.lines) {
        prop_assert_eq!(&line.title, &copied.title);
        prop_assert_eq!(line.quantity, copied.quantity);
        prop_assert_eq!(line.unit_price, copied.unit_price);
        prop_assert_eq!(line.total, copied.total);
        prop_assert!(rounds || line.tax == copied.tax);
    }
    Ok(())
}

/// A shop where one order of these things was placed, and another that was not read yet.
fn two_shops(things: &[(u64, i64)]) -> World {
    let mut world = World::new(vec![Shop::new("shop-0"), Shop::new("shop-1")]);
    let now = world.tick();
    world.shops[0].place(bought("A-1", things), now);
    world
}

/// The only order.
fn only(world: &World) -> ItemId {
    *world.items.keys().next().expect("an order was read")
}

#[test]
fn failure_11_an_unmapped_line_holds_its_order_with_an_issue_or_becomes_a_custom_line() {
    let mut world = two_shops(&[(1, 1), (4, 2)]);
    world.shops[1].lacks.insert(ItemId(4));
    world.sync_all();
    let order = only(&world);
    let pending = world.pending(1, order);
    assert_eq!(
        (pending.mark, pending.changes.as_slice()),
        (Some(Mark::Held), &[][..])
    );
    assert_eq!(world.shops[1].records.len(), 0);
    let said: Vec<&str> = pending
        .issues
        .iter()
        .map(|issue| issue.message.as_str())
        .collect();
    assert_eq!(
        said,
        ["\"Thing 4\" (SKU sku-4) of order A-1 is not at shop-1, so the order is not created there."]
    );
    assert_eq!(pending.issues[0].code, Code::UnmappedLine);
    assert_eq!(pending.issues[0].severity, Severity::Error);

    // Once the product is there, the order goes by itself.
    let mut linked = world.clone();
    linked.shops[1].lacks.clear();
    linked.sync_all();
    assert_eq!(linked.shops[1].records[0].order.lines.len(), 2);

    world.shops[1].policy.orders.defaults.unmapped_line = UnmappedLine::CustomLine;
    world.sync_all();
    let lines = &world.shops[1].records[0].order.lines;
    let named = |line: &Line| (line.product.clone(), line.title.clone(), line.quantity);
    assert_eq!(
        lines.iter().map(named).collect::<Vec<_>>(),
        [
            (Some("p1".into()), "Thing 1".to_owned(), d("1")),
            (None, "Thing 4".to_owned(), d("2")),
        ]
    );
    assert_eq!(lines[1].unit_price, Some(d("9.99")));
}

#[test]
fn a_line_that_is_of_no_product_where_it_was_bought_holds_nothing() {
    let mut world = two_shops(&[(1, 1)]);
    let now = world.tick();
    world.shops[0].edit(0, now, |order| {
        order.lines.push(Line {
            title: "Gift wrap".to_owned(),
            quantity: Decimal::ONE,
            ..Line::default()
        });
    });
    world.sync_all();
    assert_eq!(world.shops[1].records[0].order.lines.len(), 2);
}

#[test]
fn an_order_waits_for_a_product_of_the_hub_and_is_then_resolved() {
    let mut world = two_shops(&[(4, 1)]);
    world.shops[0].lacks.insert(ItemId(4));
    world.sync_all();
    let order = only(&world);
    assert_eq!(world.pending(1, order).mark, Some(Mark::Held));
    world.shops[0].lacks.clear();
    let shop = &world.shops[0];
    let found = resolve_lines(&world.items[&order], &|line| shop.resolve(line));
    let found = found.expect("the product is in the hub now");
    assert_eq!(resolve_lines(&found, &|line| shop.resolve(line)), None);
    world.items.insert(order, found);
    world.sync_all();
    assert_eq!(world.shops[1].records.len(), 1);
}

#[test]
fn failure_12_an_order_is_cloned_at_what_the_buyer_paid_in_the_currency_it_was_paid_in() {
    let mut world = two_shops(&[(1, 3)]);
    // Neither the currency nor the margin of the receiver has anything to do with it.
    world.shops[1].policy.prices.currency = "USD".parse().ok();
    world.shops[1].policy.prices.margin = d("50");
    world.sync_all();
    let placed = &world.shops[0].records[0].order;
    let copy = &world.shops[1].records[0].order;
    assert_eq!(copy.currency.as_str(), "MXN");
    assert_eq!(copy.totals, placed.totals);
    let paid = |order: &Order| {
        let line = &order.lines[0];
        (line.quantity, line.unit_price, line.tax, line.total)
    };
    assert_eq!(paid(copy), paid(placed));
    assert_eq!(paid(copy).1, Some(d("9.99")));
}

#[test]
fn failure_13_a_record_that_comes_twice_or_late_brings_no_old_value_back() {
    let mut world = two_shops(&[(1, 1)]);
    world.sync_all();
    let order = only(&world);
    let stale = world.shops[0].records[0].clone();
    let now = world.tick();
    world.shops[0].edit(0, now, |order| order.status = "completed".into());
    world.sync_all();
    let status = |world: &World| {
        world.items[&order]
            .content
            .text(&Path::field(Field::Status))
            .to_owned()
    };
    assert_eq!(status(&world), "completed");
    world.take(0, &stale);
    world.take(0, &stale);
    assert_eq!(status(&world), "completed");
    let newest = world.shops[0].records[0].clone();
    world.take(0, &newest);
    world.sync_all();
    assert_eq!(status(&world), "completed");
    assert_eq!(world.shops[1].records[0].order.status, "completed");
    assert_eq!(world.items.len(), 1);
}

#[test]
fn failure_14_what_we_wrote_is_no_news_when_it_is_read_back() {
    let mut world = two_shops(&[(1, 1)]);
    world.shops[1].habits.extend([
        Habit::TrimsNotes,
        Habit::ShoutsCarriers,
        Habit::RoundsTax,
        Habit::NamesNoParts,
    ]);
    let now = world.tick();
    world.shops[0].edit(0, now, |order| {
        order.note = " Ring ".to_owned();
        order.shipments.push(shipment("T1"));
    });
    world.sync_all();
    let (writes, item) = (world.writes(), world.items[&only(&world)].clone());
    world.sync_all();
    world.sync_all();
    assert_eq!(world.writes(), writes);
    assert_eq!(world.items[&only(&world)], item);
}

#[test]
fn what_happens_to_an_order_anywhere_reaches_everywhere() {
    let mut world = two_shops(&[(1, 1)]);
    world.sync_all();
    let now = world.tick();
    world.shops[1].edit(0, now, |order| {
        order.status = "completed".to_owned();
        order.fulfilment_status = "fulfilled".to_owned();
        let line = order.lines[0].remote_id.clone().expect("it has a name");
        order.shipments.push(Shipment {
            lines: vec![ShippedLine {
                line,
                quantity: Decimal::ONE,
            }],
            ..shipment("T1")
        });
        order.payments.push(payment("R1"));
    });
    world.sync_all();
    world.sync_all();
    let placed = &world.shops[0].records[0].order;
    assert_eq!(
        (placed.status.as_str(), placed.fulfilment_status.as_str()),
        ("completed", "fulfilled")
    );
    let parcel = &placed.shipments[0];
    assert_eq!(
        (parcel.carrier.as_str(), parcel.tracking_number.as_str()),
        ("Post", "T1")
    );
    assert_eq!(
        parcel.lines,
        [ShippedLine {
            line: "A-1-0".into(),
            quantity: Decimal::ONE
        }],
        "its lines are called as the shop calls them"
    );
    assert_eq!(placed.payments[0].reference, "R1");
}

#[test]
fn a_shipment_that_both_sides_added_is_one() {
    let mut world = two_shops(&[(1, 1)]);
    world.sync_all();
    for at in 0..2 {
        let now = world.tick();
        world.shops[at].edit(0, now, |order| {
            let carrier = if at == 0 { "Post" } else { "POST" };
            order.shipments.push(Shipment {
                carrier: carrier.to_owned(),
                ..shipment("T1")
            });
        });
    }
    world.sync_all();
    world.sync_all();
    for shop in &world.shops {
        assert_eq!(shop.records[0].order.shipments.len(), 1);
    }
}

#[test]
fn a_status_that_the_other_side_does_not_know_is_left_out_with_an_issue() {
    let mut world = two_shops(&[(1, 1)]);
    world.shops[1].ability = CHOOSY;
    world.sync_all();
    let now = world.tick();
    world.shops[0].edit(0, now, |order| {
        order.status = "layaway".to_owned();
        order.note = "Call".to_owned();
    });
    world.fetch(0);
    let order = only(&world);
    let pending = world.pending(1, order);
    let paths: Vec<String> = pending
        .changes
        .iter()
        .map(|change| change.path.to_string())
        .collect();
    assert_eq!(paths, ["note"]);
    let codes: Vec<(Code, Severity)> = pending.issues.iter().map(|i| (i.code, i.severity)).collect();
    assert_eq!(codes, [(Code::UnknownStatus, Severity::Warning)]);
    assert_eq!(
        world.pending(0, order).issues,
        [],
        "where it comes from it is no issue"
    );
    world.sync_all();
    assert_eq!(
        world.shops[1].records[0].order.status, "processing",
        "what it has stays"
    );
}

#[test]
fn what_the_origin_changes_after_the_clone_is_told_and_never_rewritten() {
    let mut world = two_shops(&[(1, 1), (2, 1)]);
    world.sync_all();
    let order = only(&world);
    assert_eq!(world.pending(1, order).issues, []);
    let codes = |world: &World| -> Vec<Code> {
        let pending = world.pending(1, order);
        assert_eq!((pending.mark, pending.changes.len()), (Some(Mark::Live), 0));
        pending.issues.iter().map(|issue| issue.code).collect()
    };
    let edit = |change: fn(&mut Order)| {
        let mut world = world.clone();
        let now = world.tick();
        world.shops[0].edit(0, now, change);
        world.sync_all();
        assert_eq!(world.shops[1].records[0].order.lines.len(), 2);
        codes(&world)
    };
    assert_eq!(
        edit(|order| order.lines[0].quantity = Decimal::from(2)),
        [Code::OrderChanged]
    );
    assert_eq!(
        edit(|order| order.totals.discount = Some(d("5"))),
        [Code::OrderChanged]
    );
    let dropped = edit(|order| {
        order.lines.pop();
    });
    assert_eq!(dropped, [Code::OrderChanged]);
    assert_eq!(edit(|order| order.number = "A-1b".to_owned()), []);
}

#[test]
fn the_defaults_for_new_orders_are_applied_until_the_hub_says_otherwise() {
    let mut world = two_shops(&[(1, 1)]);
    let now = world.tick();
    world.shops[0].edit(0, now, |order| order.buyer.name.clear());
    world.shops[1].policy.orders.defaults.status = Some("pending".to_owned());
    world.shops[1].policy.orders.defaults.customer = Some("web-sales".to_owned());
    world.sync_all();
    world.sync_all();
    let copy = |world: &World| world.shops[1].records[0].order.clone();
    assert_eq!(copy(&world).status, "pending");
    assert_eq!(copy(&world).buyer.name, "web-sales");
    assert_eq!(world.shops[0].records[0].order.status, "processing");
    let now = world.tick();
    world.shops[0].edit(0, now, |order| order.status = "completed".to_owned());
    world.sync_all();
    assert_eq!(copy(&world).status, "completed");
}

#[test]
fn an_order_that_came_to_nothing_before_anybody_heard_of_it_is_not_created_elsewhere() {
    for (status, copies) in [("cancelled", 0), ("failed", 0), ("refunded", 1), ("completed", 1)] {
        let mut world = two_shops(&[(1, 1)]);
        let now = world.tick();
        world.shops[0].edit(0, now, |order| order.status = status.to_owned());
        world.sync_all();
        assert_eq!(world.shops[1].records.len(), copies, "{status}");
    }
}
