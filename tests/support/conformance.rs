//! What every platform has to do, whatever it is made of. Each law is given an account of its own.

mod goods;
mod quiet;

use super::{
    stand::{Stand, connect, connect_by, described},
    trouble::{Proxy, Trouble},
};
use daemon::connector::{
    Answer, Class, Connector, ConnectorError, Create, Find, Page, PageFrom, Unreadable, Update,
};
use futures_util::{FutureExt, future::LocalBoxFuture};
use goods::{assert_alike, changes, plain, simple, variable};
use shared::{
    ids::{Kind, RemoteId},
    product::{Patch, Product, Record, Variant},
    sync::tally::{RESTARTS, Tally, Verdict},
};
use std::collections::BTreeSet;

/// What has to hold at an account that is empty.
pub(crate) struct Law {
    pub(crate) name: &'static str,
    pub(crate) holds: for<'a> fn(&'a mut dyn Stand) -> LocalBoxFuture<'a, ()>,
}

/// All of them. They need nothing of one another, and one account each.
pub(crate) const LAWS: &[Law] = &[
    Law {
        name: "paging comes to an end and tells as many ids as there are",
        holds: |stand| paging(stand).boxed_local(),
    },
    Law {
        name: "nothing is lost while rows move",
        holds: |stand| moving(stand).boxed_local(),
    },
    Law {
        name: "what is created is found, and read back as it was shown",
        holds: |stand| creating(stand).boxed_local(),
    },
    Law {
        name: "an update changes only what was asked",
        holds: |stand| updating(stand).boxed_local(),
    },
    Law {
        name: "a bad write stops only itself",
        holds: |stand| one_bad_write(stand).boxed_local(),
    },
    Law {
        name: "a write without an answer is found again",
        holds: |stand| unclear(stand).boxed_local(),
    },
    Law {
        name: "every trouble has its class, and no message a secret",
        holds: |stand| classes(stand).boxed_local(),
    },
    Law {
        name: "a check tells a wrong address, a wrong key, missing permissions and an unreachable host apart",
        holds: |stand| checking(stand).boxed_local(),
    },
    Law {
        name: "after a sync all is quiet",
        holds: |stand| quiet::after_a_sync(stand).boxed_local(),
    },
    Law {
        name: "an order is read as it was placed, and its shipment is kept",
        holds: |stand| ordering(stand).boxed_local(),
    },
];

async fn paging(stand: &mut dyn Stand) {
    let wanted = stand.plenty();
    let connector = connect(stand);
    fill(&*connector, &plain(wanted)).await;
    for time in 0..2 {
        let pages = walk(&*connector, wanted).await.expect("it is read");
        assert!(pages.len() > 2, "{wanted} products on {} pages", pages.len());
        let records: Vec<&Record> = pages.iter().flat_map(|page| &page.records).collect();
        let ids: BTreeSet<&RemoteId> = records.iter().map(|record| &record.remote_id).collect();
        assert_eq!((ids.len(), records.len()), (wanted, wanted), "reading {time}");
        for page in &pages {
            assert_eq!(page.unreadable, [], "reading {time}");
            assert!(
                page.total.is_none_or(|total| total == wanted as u64),
                "{:?}",
                page.total
            );
        }
    }
    let first = ids(&walk(&*connector, wanted).await.expect("it is read"));
    let other = connect(stand);
    assert_eq!(
        ids(&walk(&*other, wanted).await.expect("it is read")),
        first,
        "ids stay"
    );
}

/// As a job reads: again, where the pages told of more than came.
async fn moving(stand: &mut dyn Stand) {
    let wanted = stand.plenty();
    let connector = connect(stand);
    fill(&*connector, &plain(wanted)).await;
    let before: Vec<RemoteId> = ids(&walk(&*connector, wanted).await.expect("it is read"))
        .into_iter()
        .collect();
    let mut gone = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for restart in 0.. {
        let (mut from, mut told) = (PageFrom::default(), None);
        loop {
            let page = connector.page(&from).await.expect("it is read");
            told = told.max(page.total);
            seen.extend(page.records.into_iter().map(|record| record.remote_id));
            let Some(next) = page.next else { break };
            from.cursor = Some(next);
            if restart == 0 {
                // One that was read already goes, so that all that follow move up, and so does one that was not.
                let early = before.iter().find(|id| seen.contains(*id) && !gone.contains(*id));
                let late = before
                    .iter()
                    .rev()
                    .find(|id| !seen.contains(*id) && !gone.contains(*id));
                let both: Vec<RemoteId> = [early, late].into_iter().flatten().cloned().collect();
                for id in both {
                    stand.remove(&id).await;
                    gone.insert(id);
                }
            }
        }
        let tally = Tally {
            ids: seen.len() as u64,
            nameless: 0,
            told,
        };
        match tally.judge(Kind::Products, restart) {
            Verdict::Complete => break,
            Verdict::Anew => assert!(restart < RESTARTS),
            Verdict::Fail(reason) => panic!("{reason}"),
        }
    }
    let lost: Vec<&RemoteId> = before
        .iter()
        .filter(|id| !gone.contains(*id) && !seen.contains(*id))
        .collect();
    assert!(
        !gone.is_empty() && lost.is_empty(),
        "{lost:?} were never read, while {gone:?} went"
    );
}

async fn creating(stand: &mut dyn Stand) {
    let connector = connect(stand);
    let wanted = [
        simple("A-1"),
        variable(),
        Product {
            variants: vec![Variant {
                sku: String::new(),
                ..simple("").variants.remove(0)
            }],
            title: "Without a number".to_owned(),
            ..simple("")
        },
    ];
    let shown = create(&*connector, &wanted).await;
    for (shown, wanted) in shown.iter().zip(&wanted) {
        assert_alike(&shown.product, wanted, described(stand).fields);
    }
    let read = records(&walk(&*connector, 3).await.expect("it is read"));
    assert_eq!(read.len(), shown.len());
    for shown in &shown {
        let found = read.iter().find(|read| read.remote_id == shown.remote_id);
        let found = found.unwrap_or_else(|| panic!("{:?} is on no page", shown.remote_id));
        assert_eq!(
            found.product, shown.product,
            "the answer to a create, and what is read back"
        );
    }
    let check = async |wanted: Find, found: &[usize]| {
        let told = format!("{wanted:?}");
        let found_ids: BTreeSet<RemoteId> = connector
            .find(&wanted)
            .await
            .expect("it is looked for")
            .into_iter()
            .map(|record| record.remote_id)
            .collect();
        let ids: BTreeSet<RemoteId> = found
            .iter()
            .map(|index| shown[*index].remote_id.clone())
            .collect();
        assert_eq!(found_ids, ids, "{told}");
    };
    for (index, record) in shown.iter().enumerate() {
        let remote_id = Some(record.remote_id.clone());
        check(
            Find {
                remote_id,
                ..Find::default()
            },
            &[index],
        )
        .await;
    }
    let by_sku = |sku: &str| Find {
        skus: vec![sku.to_owned()],
        ..Find::default()
    };
    check(by_sku("A-1"), &[0]).await;
    check(by_sku("V-RED-M"), &[1]).await;
    check(by_sku("A-2"), &[]).await;
    check(by_sku("A-"), &[]).await;
    check(by_sku("a"), &[]).await;
    check(Find::default(), &[]).await;
    // A blank number matches nothing, or every product without one would be everybody's.
    check(by_sku(""), &[]).await;
}

async fn updating(stand: &mut dyn Stand) {
    let connector = connect(stand);
    let platform = described(stand);
    let mut shown = create(&*connector, &[simple("A-1"), variable(), simple("B-1")]).await;
    let untouched = shown.pop().expect("three");
    let mut token = 0;
    for record in &mut shown {
        for (name, field, change) in changes() {
            if !platform.fields.contains(&field) {
                continue;
            }
            token += 1;
            let (patch, expected) = change(&record.product);
            let update = Update {
                token: format!("update-{token}"),
                remote_id: record.remote_id.clone(),
                patch,
            };
            let mut answers = connector.update(&[update]).await;
            let Some(Answer::Shown(now)) = answers.pop() else {
                panic!("{name} of {}: {answers:?}", record.product.title);
            };
            assert_eq!(now.product, expected, "{name}");
            assert_eq!(now.remote_id, record.remote_id, "{name}");
            let read = records(&walk(&*connector, 3).await.expect("it is read"));
            let read = read
                .iter()
                .find(|read| read.remote_id == now.remote_id)
                .expect("it stays");
            assert_eq!(
                read.product, now.product,
                "{name}: the answer, and what is read back"
            );
            *record = now;
        }
    }
    let read = records(&walk(&*connector, 3).await.expect("it is read"));
    let same = read
        .iter()
        .find(|read| read.remote_id == untouched.remote_id)
        .expect("it stays");
    assert_eq!(same.product, untouched.product, "nobody touched this one");
}

async fn one_bad_write(stand: &mut dyn Stand) {
    let connector = connect(stand);
    let shown = create(&*connector, &[simple("A-1"), simple("A-2")]).await;
    create(&*connector, &[simple("GONE")]).await;
    let gone = find_one(&*connector, "GONE").await.remote_id;
    stand.remove(&gone).await;
    let update = |token: &str, remote_id: &RemoteId, title: &str| Update {
        token: token.to_owned(),
        remote_id: remote_id.clone(),
        patch: Patch {
            title: Some(title.to_owned()),
            ..Patch::default()
        },
    };
    let batch = [
        update("one", &shown[0].remote_id, "First"),
        update("two", &gone, "Nobody"),
        update("three", &shown[1].remote_id, "Third"),
    ];
    let answers = connector.update(&batch).await;
    assert_eq!(answers.len(), 3, "{answers:?}");
    for (answer, title) in [(&answers[0], "First"), (&answers[2], "Third")] {
        assert!(
            matches!(answer, Answer::Shown(record) if record.product.title == title),
            "{answers:?}"
        );
    }
    let Answer::Refused(ConnectorError { class, message, .. }) = &answers[1] else {
        panic!("{answers:?}");
    };
    assert!(
        matches!(class, Class::Missing | Class::Rejected) && !message.is_empty(),
        "{answers:?}"
    );
    assert_eq!(find_one(&*connector, "A-2").await.product.title, "Third");
}

/// A create whose answer is lost was carried out: it is found by its token or its number, once.
async fn unclear(stand: &mut dyn Stand) {
    let connector = connect(stand);
    create(&*connector, &[simple("A-1")]).await;
    let Some((lossy, _proxy)) = with(stand, Trouble::AnswersLost).await else {
        return;
    };
    let token = "lost-1".to_owned();
    let wanted = Create {
        token: token.clone(),
        record: simple("LOST-1"),
    };
    let answers = lossy.create(&[wanted]).await;
    assert!(matches!(answers.as_slice(), [Answer::Unclear(_)]), "{answers:?}");
    let find = Find {
        token: Some(token),
        skus: vec!["LOST-1".to_owned()],
        ..Find::default()
    };
    let found = connector.find(&find).await.expect("it is looked for");
    let [found] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(found.product.variants[0].sku, "LOST-1");
    let all = records(&walk(&*connector, 2).await.expect("it is read"));
    assert_eq!(all.len(), 2, "it was made once");
}

async fn classes(stand: &mut dyn Stand) {
    let connector = connect(stand);
    let record = create(&*connector, &[simple("A-1")]).await.remove(0);
    let cases: &[(Trouble, &[Class])] = &[
        (Trouble::Answers(401), &[Class::Auth]),
        (Trouble::Answers(403), &[Class::Auth]),
        (Trouble::Answers(404), &[Class::Missing, Class::Protocol]),
        (Trouble::Answers(409), &[Class::Rejected]),
        (Trouble::Answers(413), &[Class::Rejected]),
        (Trouble::Answers(422), &[Class::Rejected]),
        (Trouble::Answers(429), &[Class::RateLimited]),
        (Trouble::Answers(500), &[Class::Unavailable]),
        (Trouble::Answers(502), &[Class::Unavailable]),
        (Trouble::Answers(503), &[Class::Unavailable]),
        (Trouble::WebPage, &[Class::Protocol]),
        (Trouble::BreaksOff, &[Class::Unavailable, Class::Protocol]),
    ];
    let stand = &*stand;
    let record = &record;
    let all = cases.iter().map(async |(trouble, classes)| {
        let Some((troubled, _proxy)) = with(stand, *trouble).await else {
            return;
        };
        let update = Update {
            token: "troubled".to_owned(),
            remote_id: record.remote_id.clone(),
            patch: Patch {
                title: Some("Another title".to_owned()),
                ..Patch::default()
            },
        };
        let read = troubled.page(&PageFrom::default()).await.err();
        let read = read.unwrap_or_else(|| panic!("{trouble:?} is no page"));
        let batch = [update];
        let find = Find {
            skus: vec!["A-1".to_owned()],
            ..Find::default()
        };
        let (looked, written) = (troubled.find(&find).await.err(), troubled.update(&batch).await);
        let written = match written.as_slice() {
            [Answer::Refused(error) | Answer::Unclear(error)] => Some(error.clone()),
            // Where only reading is in trouble.
            [Answer::Shown(_)] if stand.server().is_none() => None,
            _ => panic!("{trouble:?}: {written:?}"),
        };
        for error in [Some(read), looked, written].into_iter().flatten() {
            assert!(classes.contains(&error.class), "{trouble:?}: {error:?}");
            silent(&stand.remote(stand.server()), &error.message);
        }
    });
    futures_util::future::join_all(all).await;
}

async fn checking(stand: &mut dyn Stand) {
    let connector = connect(stand);
    create(&*connector, &[simple("A-1")]).await;
    let good = connector.check().await.expect("it works");
    assert!(good.ends_with('.'), "{good}");
    let Some(server) = stand.server() else {
        return;
    };
    let mut told = BTreeSet::new();
    let remote = stand.remote(Some(server));
    let mut hear = |what: &str, found: Result<String, ConnectorError>, class: Class, words: &[&str]| {
        let error = found.expect_err(what);
        assert_eq!(error.class, class, "{what}: {error}");
        for word in words {
            assert!(error.message.contains(word), "{what}: {error}");
        }
        silent(&remote, &error.message);
        assert!(
            told.insert(error.message.clone()),
            "{what} is told like another: {error}"
        );
    };
    for (what, trouble) in [
        ("a wrong address", Trouble::WebPage),
        ("no interface there", Trouble::Answers(404)),
    ] {
        let proxy = Proxy::to(server, stand.writes_products()).await;
        proxy.make(trouble);
        let found = connect_by(stand, &stand.remote(Some(proxy.address)))
            .check()
            .await;
        hear(what, found, Class::Protocol, &["`url`"]);
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("its port");
    let found = connect_by(stand, &stand.remote(Some(closed))).check().await;
    hear(
        "an unreachable host",
        found,
        Class::Unavailable,
        &["refused", &closed.to_string()],
    );
    let wrong = stand
        .wrong_key()
        .expect("what is spoken to over HTTP wants credentials");
    hear(
        "a wrong key",
        connect_by(stand, &wrong).check().await,
        Class::Auth,
        &[],
    );
    let connector = connect(stand);
    stand.forbid_writing().await;
    hear(
        "missing permissions",
        connector.check().await,
        Class::Auth,
        &["ermission"],
    );
}

async fn ordering(stand: &mut dyn Stand) {
    let connector = connect(stand);
    let product = create(&*connector, &[simple("A-1")]).await.remove(0);
    let Some(id) = stand.sell(&product).await else {
        assert!(
            described(stand).orders.is_none(),
            "orders are kept, and somebody has to buy"
        );
        return;
    };
    let page = connector.orders(&PageFrom::default()).await.expect("it is read");
    let order = page
        .records
        .iter()
        .find(|order| order.remote_id == id)
        .expect("it is on the page");
    assert_eq!(order.order.lines.len(), 1, "{order:?}");
    let line = &order.order.lines[0];
    assert_eq!(
        (line.product.as_ref(), line.sku.as_str()),
        (Some(&product.remote_id), "A-1"),
        "{line:?}"
    );
    let find = Find {
        remote_id: Some(id.clone()),
        ..Find::default()
    };
    assert_eq!(
        connector.find_orders(&find).await.expect("it is looked for"),
        std::slice::from_ref(order)
    );
    let update = Update {
        token: "shipped".to_owned(),
        remote_id: id,
        patch: shared::order::Patch {
            new_shipments: vec![shared::order::Shipment {
                carrier: "DHL".to_owned(),
                tracking_number: "JD014".to_owned(),
                ..shared::order::Shipment::default()
            }],
            ..shared::order::Patch::default()
        },
    };
    let mut answers = connector.update_orders(&[update]).await;
    let Some(Answer::Shown(shipped)) = answers.pop() else {
        panic!("{answers:?}");
    };
    let numbers = |order: &shared::order::Record| -> Vec<String> {
        let shipments = order.order.shipments.iter();
        shipments
            .map(|shipment| shipment.tracking_number.clone())
            .collect()
    };
    assert_eq!(numbers(&shipped), ["JD014"]);
    assert_eq!(
        (&shipped.order.lines, &shipped.order.buyer),
        (&order.order.lines, &order.order.buyer)
    );
    assert_eq!(
        connector.find_orders(&find).await.expect("it is looked for"),
        [shipped]
    );
}

/// A connector of the same account, with trouble on its way from now on. `None`: this trouble does not come there.
async fn with(stand: &dyn Stand, trouble: Trouble) -> Option<(Box<dyn Connector>, Option<Proxy>)> {
    let Some(server) = stand.server() else {
        return Some((connect_by(stand, &stand.troubled(trouble)?), None));
    };
    let proxy = Proxy::to(server, stand.writes_products()).await;
    let connector = connect_by(stand, &stand.remote(Some(proxy.address)));
    proxy.make(trouble);
    Some((connector, Some(proxy)))
}

/// No value of the account's settings is in a message but its address.
fn silent(remote: &str, message: &str) {
    for line in remote.lines().filter(|line| !line.starts_with("url")) {
        for secret in line.split('"').skip(1).step_by(2).filter(|value| value.len() > 5) {
            assert!(!message.contains(secret), "{message}");
        }
    }
}

/// Every page, of which there are no more than records and one.
async fn walk(connector: &dyn Connector, most: usize) -> Result<Vec<Page>, ConnectorError> {
    let (mut pages, mut from) = (Vec::new(), PageFrom::default());
    loop {
        let page = connector.page(&from).await?;
        from.cursor.clone_from(&page.next);
        pages.push(page);
        assert!(pages.len() <= most + 1, "there is no end to the pages");
        if from.cursor.is_none() {
            return Ok(pages);
        }
    }
}

fn ids(pages: &[Page]) -> BTreeSet<RemoteId> {
    pages
        .iter()
        .flat_map(|page| &page.records)
        .map(|record| record.remote_id.clone())
        .collect()
}

/// All records, of which every one can be read.
fn records(pages: &[Page]) -> Vec<Record> {
    let unreadable: Vec<&Unreadable> = pages.iter().flat_map(|page| &page.unreadable).collect();
    assert!(unreadable.is_empty(), "{unreadable:?}");
    pages.iter().flat_map(|page| page.records.clone()).collect()
}

async fn create(connector: &dyn Connector, products: &[Product]) -> Vec<Record> {
    let mut shown = Vec::new();
    for batch in products.chunks(connector.batch()) {
        let creates: Vec<Create> = batch
            .iter()
            .map(|product| Create {
                token: format!("create-{}-{}", product.title, product.variants[0].sku),
                record: product.clone(),
            })
            .collect();
        let answers = connector.create(&creates).await;
        assert_eq!(answers.len(), creates.len());
        for answer in answers {
            match answer {
                Answer::Shown(record) => shown.push(record),
                Answer::Refused(error) | Answer::Partly(_, error) | Answer::Unclear(error) => {
                    panic!("{error:?}")
                }
            }
        }
    }
    shown
}

async fn fill(connector: &dyn Connector, products: &[Product]) {
    assert_eq!(create(connector, products).await.len(), products.len());
}

async fn find_one(connector: &dyn Connector, sku: &str) -> Record {
    let find = Find {
        skus: vec![sku.to_owned()],
        ..Find::default()
    };
    let mut found = connector.find(&find).await.expect("it is looked for");
    assert_eq!(found.len(), 1, "{sku}: {found:?}");
    found.remove(0)
}
