//! The laws of sales orders, each over random worlds, and the failures of others by name.

mod trade;

use proptest::{
    collection::{btree_set, vec},
    prelude::*,
    sample::select,
    test_runner::{FileFailurePersistence, RngSeed},
};
use shared::{
    content::{Change, Field, Leaf, Part, Path, diff},
    ids::ItemId,
    issue::Code,
    mark::Mark,
    money::Decimal,
    order::{Order, ShippedLine},
    policy::{Mutability, UnmappedLine},
    sync::{order::view::view, pending::last_sent},
};
use trade::{CHOOSY, Fault, Habit, Shop, World, bought, payment, shipment};

/// As in `laws.rs`: the same cases each time, unless asked for others.
fn cases() -> ProptestConfig {
    let kept = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/proptest-regressions/orders.txt"
    );
    ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(kept))),
        max_shrink_iters: 5_000,
        rng_seed: match ProptestConfig::default().rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            RngSeed::Fixed(asked) => RngSeed::Fixed(asked),
        },
        ..ProptestConfig::default()
    }
}

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
    #![proptest_config(cases())]

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
