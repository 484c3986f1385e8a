use super::*;
use serde_json::json;
use shared::{
    content::Field,
    money::Decimal,
    policy::{
        CloneOrders, CloneWhich, MatchBy, Mutability, Pace, RoundMode, RoundTo, ScheduledJob, SendMode,
        Times, UnmappedLine,
    },
};
use std::time::Duration;

/// A config folder in memory; nothing of it touches a disk.
fn files(texts: &[(&str, &str)]) -> Files {
    Files {
        dir: "/nowhere".into(),
        texts: texts
            .iter()
            .map(|(file, text)| ((*file).to_owned(), Ok((*text).to_owned())))
            .collect(),
    }
}

/// What is in force when the folder holds one connection, `shop`, with these settings.
fn policy(text: &str) -> Policy {
    let text = format!("platform = \"demo\"\n{text}");
    let loaded = files(&[("connections/shop.toml", &text)]).load(Listen::File);
    assert_eq!(loaded.faults, [], "{text}");
    let mut config = loaded.config.unwrap();
    let id = ConnectionId::parse("shop").unwrap();
    config.connections.remove(&id).unwrap().policy
}

/// The single fault of `file`: its place as `line:column`, and parts of its message and its hint.
#[track_caller]
fn check(file: &str, text: &str, place: &str, message: &str, hint: &str) {
    let folder = files(&[
        ("connections/main-shop.toml", "platform = \"demo\"\n"),
        (file, text),
    ]);
    let loaded = folder.load(Listen::File);
    assert!(loaded.config.is_none(), "no fault in: {text}");
    let faults = loaded.faults;
    assert_eq!(faults.len(), 1, "{faults:#?}\nin: {text}");
    let fault = &faults[0];
    assert_eq!(fault.file, file);
    assert_eq!(
        format!("{}:{}", fault.line, fault.column),
        place,
        "{fault:#?}\nin: {text}"
    );
    assert!(fault.message.contains(message), "{fault:#?}\nin: {text}");
    let hinted = fault.hint.clone().unwrap_or_default();
    assert!(hinted.contains(hint), "{fault:#?}\nin: {text}");
    let line = text.lines().nth(fault.line - 1).unwrap_or_default();
    if !fault.excerpt.ends_with("***") {
        assert_eq!(fault.excerpt, line);
    }
}

/// Below a first line that names the platform: where the fault is, and parts of its message and hint.
const FAULTS: &[(&str, &str, &str, &str)] = &[
    (
        "[prices]\nmargn = \"12%\"",
        "3:1",
        "no setting `margn` in [prices]",
        "Did you mean `margin`?",
    ),
    (
        "[prices]\nmargin = \"12\"",
        "3:10",
        "`12` is no percentage",
        "margin = \"12%\"",
    ),
    (
        "[prices]\nmargin = 12",
        "3:10",
        "takes a percentage in quotes, not a whole number",
        "\"12%\"",
    ),
    ("[prices]\nmargin = \"-100%\"", "3:10", "leaves no price", "-10%"),
    (
        "[prices]\nadd = \"1,50\"",
        "3:7",
        "`1,50` is no plain decimal",
        "12.50",
    ),
    (
        "[prices]\ncurrency = \"mxn\"",
        "3:12",
        "`mxn` is no currency",
        "Write MXN",
    ),
    ("[prices]\nround = \"x\"", "3:9", "no ending of a price", "x9.90"),
    ("[prices]\nround = \"0\"", "3:9", "more than 0", "x.99"),
    (
        "[prices]\nround = \"1\"\nmode = \"upp\"",
        "4:8",
        "`upp` is not known",
        "Did you mean `up`?",
    ),
    ("[schedule]\nevery = \"15 parsecs\"", "3:9", "no duration", "15m"),
    ("[schedule]\nevery = \"1ms\"", "3:9", "too short", "15m"),
    (
        "[schedule]\njob = \"sync\"",
        "2:1",
        "does not say when",
        "every = \"15m\"",
    ),
    (
        "[schedule]\nevery = \"15m\"\ncron = \"* * * * *\"",
        "4:1",
        "both given",
        "Keep one",
    ),
    (
        "[schedule]\ncron = \"61 * * * *\"",
        "3:8",
        "no cron expression",
        "*/10 8-20",
    ),
    (
        "[schedule]\ncron = \"0 * * * * *\"",
        "3:8",
        "this one has 6",
        "*/10 8-20",
    ),
    (
        "[schedule]\ncron = \"0 8 * * *\"\ntime_zone = \"America/Mexico\"",
        "4:13",
        "no time zone",
        "America/Mexico_City",
    ),
    (
        "[schedule]\nevery = \"1h\"\ntime_zone = \"UTC\"",
        "4:1",
        "belongs to `cron`",
        "Remove it",
    ),
    (
        "[products]\nfetch = \"yes\"",
        "3:9",
        "takes true or false, not a text",
        "fetch = true",
    ),
    (
        "[products]\nclone = \"brand:nike colour:red\"",
        "3:9",
        "`colour:red` names no set",
        "brand:nike",
    ),
    (
        "[products]\nclone = \"on:main-shp\"",
        "3:9",
        "no connection `main-shp`",
        "Did you mean `main-shop`?",
    ),
    (
        "[products]\nclone = \"stock:in pending:creates@main-shop\"",
        "3:9",
        "`pending:creates@main-shop` follows from what is cloned",
        "status:published@",
    ),
    (
        "[products]\nclone = \"status:sold@main-shop\"",
        "3:9",
        "`status:sold@main-shop` names no set",
        "brand:nike",
    ),
    (
        "[products]\nclone = \"with:prize\"",
        "3:9",
        "no field `prize`",
        "Did you mean `price`?",
    ),
    (
        "[products]\nmatch_by = [\"sku\", \"ean\"]",
        "3:20",
        "`ean` is not known",
        "`barcode`",
    ),
    (
        "[products]\nmatch_by = [\"sku\", \"sku\"]",
        "3:20",
        "twice",
        "Remove one",
    ),
    (
        "[products.fields]\nprize = \"sync\"",
        "3:1",
        "no field `prize`",
        "Did you mean `price`?",
    ),
    (
        "[products.fields]\nprice = \"readonly\"",
        "3:9",
        "`readonly` is not known",
        "Did you mean `read-only`?",
    ),
    (
        "[products.defaults]\nstatus = \"drafts\"",
        "3:10",
        "`drafts` is not known",
        "Did you mean `draft`?",
    ),
    (
        "[products.options]\ncolor = [\"Shade\"]\nsize = [\"Shade\"]",
        "2:1",
        "means both color and size",
        "one of the two",
    ),
    (
        "[stock]\nbuffer = -1",
        "3:10",
        "cannot be less than 0",
        "buffer = 0",
    ),
    (
        "[stock]\nlocations = { a = [\"main\"], b = [\"main\"] }",
        "3:33",
        "`main` is shown at `a` already",
        "once",
    ),
    (
        "[stock]\nlocations = { a = [\"main\", \"main\"] }",
        "3:28",
        "twice",
        "Remove one",
    ),
    (
        "[orders]\nclone_sinse = \"2026-11-01\"",
        "3:1",
        "`clone_sinse`",
        "`clone_since`",
    ),
    (
        "[orders]\nclone_since = \"November\"",
        "3:15",
        "`November` is no day",
        "\"2026-11-01\"",
    ),
    (
        "[orders]\nclone_since = true",
        "3:15",
        "takes a day or an instant, not true or false",
        "\"2026-11-01\"",
    ),
    (
        "[orders.fields]\nshipment = \"sync\"",
        "3:1",
        "no field `shipment`",
        "Did you mean `shipments`?",
    ),
    (
        "[orders.defaults]\nunmapped_line = \"holds\"",
        "3:17",
        "`holds` is not known",
        "Did you mean `hold`?",
    ),
    (
        "[send]\nmode = \"manual\"",
        "3:8",
        "`manual` is not known",
        "`review`",
    ),
    ("[pace]\nat_once = 0", "3:11", "from 1 to 100", "4"),
    ("[pace]\nat_once = 500", "3:11", "from 1 to 100", "4"),
    ("[pace]\nper_second = 0", "3:14", "more than 0", "17.10"),
    ("[pace]\nat_one = 2", "3:1", "no setting `at_one`", "at_once"),
    ("[guards]\nvanish = \"130%\"", "3:10", "from 0% to 100%", "30%"),
    (
        "[guards]\nprice_change = \"50%\"",
        "3:16",
        "takes a table, not a text",
        "{",
    ),
    (
        "[guards]\nprice_change = { by = \"50%\", off = \"20%\" }",
        "3:30",
        "no setting `off`",
        "`of`",
    ),
    ("[[products]]\nfetch = true", "2:1", "not a list of tables", "{"),
    (
        "pricess = 1",
        "2:1",
        "no setting `pricess`",
        "Did you mean `prices`?",
    ),
    ("name = \"Ä\" \"ö\"", "2:12", "", "key = value"),
    ("name = Main", "2:8", "", "double quotes"),
    ("name = \"a\"\nname = \"b\"", "3:1", "duplicate key", "Keep one"),
    ("name = \"  \"", "2:8", "blank", "remove the line"),
    ("[prices]\r\nmargin = 12\r\n", "3:10", "percentage", "12%"),
];

#[test]
fn a_fault_in_a_connection_names_its_place_and_what_to_write() {
    for (text, place, message, hint) in FAULTS {
        let text = format!("platform = \"demo\"\n{text}");
        check("connections/shop.toml", &text, place, message, hint);
    }
}

#[test]
fn a_connection_says_which_platform_it_is_on() {
    let file = "connections/shop.toml";
    check(
        file,
        "name = \"Shop\"",
        "1:1",
        "`platform` is missing",
        "platform = \"demo\"",
    );
    check(
        file,
        "platform = \"demoo\"",
        "1:12",
        "no platform `demoo`",
        "Did you mean `demo`?",
    );
    check(
        "connections/Main Shop.toml",
        "",
        "1:1",
        "cannot be the id of a connection",
        "main-shop.toml",
    );
}

#[test]
fn a_fault_in_the_daemons_file_names_its_place_and_what_to_write() {
    for (text, place, message, hint) in [
        (
            "listen = \"7325\"",
            "1:10",
            "no address and port",
            "127.0.0.1:7325",
        ),
        (
            "listen = \"0.0.0.0:7325\"",
            "1:10",
            "a token is required",
            "[auth]",
        ),
        (
            "listen = \"0.0.0.0:7325\"\n[auth]",
            "2:1",
            "`token` is missing",
            "token =",
        ),
        ("[auth]\ntoken = \"\"", "2:9", "blank", "env"),
        (
            "[auth]\ntoken = { env = \"NO_SUCH_VARIABLE\" }",
            "2:9",
            "NO_SUCH_VARIABLE is not set",
            "env",
        ),
        (
            "[auth]\ntoken = { file = \"token.txt\" }",
            "2:9",
            "/nowhere/token.txt cannot be read",
            "env",
        ),
        (
            "[auth]\ntoken = { env = \"PATH\", file = \"x\" }",
            "2:9",
            "not in both",
            "env",
        ),
        (
            "[auth]\ntoken = { envv = \"PATH\" }",
            "2:11",
            "no setting `envv`",
            "Did you mean `env`?",
        ),
        (
            "[exchange]\nbase = \"peso\"",
            "2:8",
            "`peso` is no currency",
            "USD",
        ),
        ("[exchange.rates]\nEUR = \"0\"", "2:7", "more than 0", "17.10"),
        (
            "[exchange.rates]\neur = \"2\"",
            "2:1",
            "`eur` is no currency",
            "EUR",
        ),
        ("[exchange.rates]\nUSD = \"2\"", "2:1", "its rate is 1", "Remove"),
        (
            "[authority]\nprise = \"main-shop\"",
            "2:1",
            "no field `prise`",
            "Did you mean `price`?",
        ),
        (
            "[authority]\nprice = \"mian-shop\"",
            "2:9",
            "no connection `mian-shop`",
            "Did you mean `main-shop`?",
        ),
        ("[sets]\nlow_stock = 0", "2:13", "more than 0", "low_stock"),
        (
            "[sets]\nlow_prise = \"1\"",
            "2:1",
            "no setting `low_prise`",
            "Did you mean `low_price`?",
        ),
    ] {
        if text.contains("envv") {
            // The misspelt key, and that nothing names the secret then.
            let faults = files(&[(HUB_FILE, text)]).load(Listen::File).faults;
            assert!(
                faults.iter().any(|fault| fault.message.contains(message)),
                "{faults:#?}"
            );
            continue;
        }
        check(HUB_FILE, text, place, message, hint);
    }
}

#[test]
fn all_faults_of_all_files_are_found_at_once() {
    let loaded = files(&[
        (HUB_FILE, "[sets]\nlow_stock = 0\nlow_prise = 1\n"),
        (
            "connections/a.toml",
            "platform = \"demo\"\n[prices]\nmargin = 1\nadd = true\n",
        ),
        ("connections/b.toml", "platform = \"demo\"\n= 3\n"),
    ])
    .load(Listen::File);
    let places: Vec<_> = loaded
        .faults
        .iter()
        .map(|fault| format!("{}:{}", fault.file, fault.line))
        .collect();
    assert_eq!(
        places,
        [
            "click2sync.toml:2",
            "click2sync.toml:3",
            "connections/a.toml:3",
            "connections/a.toml:4",
            "connections/b.toml:2"
        ]
    );
    let state = loaded.state();
    assert_eq!(state.fault.as_ref(), loaded.faults.first());
    assert_eq!(state.files.len(), 3);
}

#[test]
fn no_fault_shows_a_secret() {
    const SECRET: &str = "sk_live_1234567890";
    for text in [
        "[remote]\nkye = \"SECRET\"",
        "[remote]\nkey = \"SECRET",
        "[remote]\nkey = SECRET",
        "remote = { key = \"SECRET\", keyy = }",
        "remote.key = \"SECRET\" x",
        "[remote]\nkeys = [\n\"SECRET\",\n3 3]",
        "[ remote ]\n\"key\" = [\"SECRET\"]",
        "[remote.failures]\nkey = 'SECRET'",
    ] {
        let text = format!("platform = \"demo\"\n{}", text.replace("SECRET", SECRET));
        let loaded = files(&[("connections/shop.toml", &text)]).load(Listen::File);
        assert!(!loaded.faults.is_empty(), "{text}");
        let shown = format!("{loaded:?}");
        assert!(!shown.contains(SECRET), "{shown}\nof {text}");
    }
    for text in [
        "[auth]\ntoken = SECRET",
        "[auth]\ntokn = 'SECRET'",
        "auth.token = ['SECRET']",
    ] {
        let loaded = files(&[(HUB_FILE, &text.replace("SECRET", SECRET))]).load(Listen::File);
        assert!(!loaded.faults.is_empty(), "{text}");
        let shown = format!("{loaded:?}");
        assert!(!shown.contains(SECRET), "{shown}\nof {text}");
    }
}

#[test]
fn settings_that_are_left_out_mean_what_the_contract_says() {
    let id = ConnectionId::parse("shop").unwrap();
    assert_eq!(policy(""), Policy::new(id, "demo"));
    let config = files(&[]).load(Listen::File).config.unwrap();
    assert_eq!(config.listen.to_string(), "127.0.0.1:7325");
    assert_eq!(config.sets, SetLimits::default());
    assert_eq!(config.token, None);
}

/// Every setting that the contract shows, with another value than its default where that is possible.
const SETTINGS: &str = r#"
        name = "Main shop"
        [schedule]
        job = "fetch"
        full_rescan = "7d"
        cron = "*/10 8-20 * * *"
        time_zone = "America/Mexico_City"
        [products]
        fetch = true
        absorb = false
        clone = "brand:nike stock:in"
        match_by = ["barcode"]
        [products.fields]
        default = "read-only"
        description = "ignore"
        price = "write-only"
        stock = "sync"
        [products.defaults]
        category = "Clothing"
        status = "draft"
        [products.options]
        color = ["Color", "pa_color"]
        size = ["Size", "Talla"]
        [prices]
        currency = "MXN"
        margin = "12%"
        add = "0"
        round = "x9.90"
        mode = "up"
        [stock]
        buffer = 2
        max = 50
        locations = { "default" = ["main", "outlet"] }
        [orders]
        fetch = false
        clone = true
        clone_since = "2026-11-01T08:00:00+01:00"
        [orders.fields]
        default = "sync"
        note = "ignore"
        [orders.defaults]
        customer = "web-sales"
        status = "processing"
        unmapped_line = "custom-line"
        [send]
        mode = "review"
        [guards]
        zero_stock = "30%"
        price_change = { by = "50%", of = "20%" }
        vanish = "100%"
        "#;

#[test]
fn a_platform_is_asked_no_faster_than_is_set() {
    let check = |text: &str, pace: Pace| {
        let shop = format!("platform = \"demo\"\n{text}");
        let config = files(&[("connections/shop.toml", &shop)])
            .load(Listen::File)
            .config
            .unwrap();
        assert_eq!(
            config.connections[&ConnectionId::parse("shop").unwrap()].pace,
            pace,
            "{text}"
        );
    };
    let pace = |at_once, per_second: Option<&str>| Pace {
        at_once,
        per_second: per_second.map(|rate| rate.parse().unwrap()),
    };
    check("", Pace::default());
    check("[pace]\nat_once = 4\nper_second = 10", pace(4, Some("10")));
    check(
        "[pace]\nper_second = 0.5",
        pace(Pace::default().at_once, Some("0.5")),
    );
}

#[test]
fn every_setting_of_the_contract_is_understood() {
    let policy = policy(SETTINGS);
    assert_eq!(policy.name, "Main shop");
    let schedule = policy.schedule.unwrap();
    assert_eq!(schedule.job, ScheduledJob::Fetch);
    assert_eq!(schedule.full_rescan, Some(Duration::from_secs(7 * 24 * 60 * 60)));
    let times = Times::Cron {
        expression: "*/10 8-20 * * *".to_owned(),
        time_zone: "America/Mexico_City".to_owned(),
    };
    assert_eq!(schedule.times, times);
    assert!(policy.products.fetch && !policy.products.absorb);
    assert_eq!(
        policy.products.clone,
        CloneWhich::In("brand:nike stock:in".parse().unwrap())
    );
    assert_eq!(policy.products.match_by, [MatchBy::Barcode]);
    assert_eq!(policy.products.fields.default, Mutability::ReadOnly);
    assert_eq!(policy.products.fields.of(Field::Price), Mutability::WriteOnly);
    assert_eq!(policy.products.options["size"], ["Size", "Talla"]);
    assert_eq!(policy.prices.margin, Decimal::from(12));
    let round = policy.prices.round.unwrap();
    assert_eq!(round.mode, RoundMode::Up);
    let ending = RoundTo::Ending {
        modulus: Decimal::from(10),
        ending: Decimal::new(990, 2),
        text: "x9.90".to_owned(),
    };
    assert_eq!(round.to, ending);
    assert_eq!(policy.stock.buffer, Decimal::from(2));
    assert_eq!(policy.stock.locations["default"], ["main", "outlet"]);
    let since = CloneOrders::Since("2026-11-01T07:00:00Z".parse().unwrap());
    assert!(!policy.orders.fetch && policy.orders.clone == since);
    assert_eq!(policy.orders.fields.by_field[&Field::Note], Mutability::Ignore);
    assert_eq!(policy.orders.defaults.unmapped_line, UnmappedLine::CustomLine);
    assert_eq!(policy.send, SendMode::Review);
    assert_eq!(policy.guards, shared::policy::Guards::default());

    let hub = "
        listen = \"127.0.0.1:0\"
        [auth]
        token = \"literal\"
        [exchange]
        base = \"MXN\"
        rates = { USD = \"17.10\", EUR = 18.45 }
        [authority]
        price = \"main-shop\"
        [sets]
        low_stock = 7
        low_price = \"20.00\"
        ";
    let folder = files(&[
        (HUB_FILE, hub),
        ("connections/main-shop.toml", "platform = \"demo\""),
    ]);
    let loaded = folder.load(Listen::File);
    assert_eq!(loaded.faults, []);
    let config = loaded.config.unwrap();
    assert_eq!(config.token.as_ref().unwrap().expose(), "literal");
    let rates: Vec<_> = config.hub.rates.values().map(ToString::to_string).collect();
    assert_eq!(rates, ["18.45", "17.10"]);
    assert_eq!(config.hub.authority[&Field::Price].as_str(), "main-shop");
    assert_eq!(config.sets.low_stock, Decimal::from(7));
}

#[test]
fn a_rounding_is_a_step_or_an_ending() {
    for (written, wanted) in [
        ("\"0.01\"", RoundTo::Step(Decimal::new(1, 2))),
        ("\"10\"", RoundTo::Step(Decimal::from(10))),
        ("0.05", RoundTo::Step(Decimal::new(5, 2))),
        (
            "\"x.99\"",
            RoundTo::Ending {
                modulus: Decimal::ONE,
                ending: Decimal::new(99, 2),
                text: "x.99".to_owned(),
            },
        ),
        (
            "\"x99\"",
            RoundTo::Ending {
                modulus: Decimal::from(100),
                ending: Decimal::from(99),
                text: "x99".to_owned(),
            },
        ),
    ] {
        let policy = policy(&format!("[prices]\nround = {written}"));
        assert_eq!(policy.prices.round.unwrap().to, wanted, "{written}");
    }
}

#[test]
fn a_secret_comes_from_a_file_without_its_line_break() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("token.txt"), "hush\n").unwrap();
    fs::write(
        dir.path().join(HUB_FILE),
        "[auth]\ntoken = { file = \"token.txt\" }\n",
    )
    .unwrap();
    let loaded = load(dir.path(), Listen::File);
    assert_eq!(loaded.faults, []);
    assert_eq!(loaded.config.unwrap().token.unwrap().expose(), "hush");
    assert_eq!(
        loaded.secret_files,
        BTreeSet::from([dir.path().join("token.txt")])
    );
}

#[test]
fn the_command_lines_address_needs_a_token_as_the_files_does() {
    let address: SocketAddr = "0.0.0.0:80".parse().unwrap();
    let loaded = files(&[]).load(Listen::CommandLine(address));
    assert!(
        loaded.faults[0].message.contains("a token is required"),
        "{loaded:?}"
    );
    let folder = files(&[(HUB_FILE, "[auth]\ntoken = \"t\"")]);
    assert_eq!(
        folder.load(Listen::CommandLine(address)).config.unwrap().listen,
        address
    );
}

#[test]
fn another_address_waits_for_a_restart_and_says_so() {
    let in_force: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let text = "\nlisten = \"127.0.0.1:2\"\n[sets]\nlow_stock = 9\n";
    let loaded = files(&[(HUB_FILE, text)]).load(Listen::InForce(in_force));
    let config = loaded.config.as_ref().unwrap();
    assert_eq!(config.listen, in_force);
    assert_eq!(config.sets.low_stock, Decimal::from(9));
    let fault = loaded.state().fault.unwrap();
    assert_eq!((fault.line, fault.column), (2, 10));
    assert!(fault.message.contains("until a restart"), "{fault:?}");
}

#[test]
fn a_difference_names_each_connection_that_is_concerned() {
    let load = |texts: &[(&str, &str)]| files(texts).load(Listen::File).config.unwrap();
    let old = load(&[
        ("connections/gone.toml", "platform = \"demo\""),
        ("connections/rules.toml", "platform = \"demo\""),
        ("connections/same.toml", "platform = \"demo\""),
    ]);
    let mut new = load(&[
        ("connections/new.toml", "platform = \"demo\""),
        (
            "connections/rules.toml",
            "platform = \"demo\"\n[prices]\nmargin = \"1%\"",
        ),
        ("connections/same.toml", "platform = \"demo\""),
    ]);
    let id = |text| ConnectionId::parse(text).unwrap();
    let change = diff(&old, &new);
    let wanted = BTreeMap::from([
        (id("gone"), ConnectionChange::Removed),
        (id("new"), ConnectionChange::Added),
        (id("rules"), ConnectionChange::PolicyChanged),
    ]);
    assert_eq!(change.connections, wanted);
    assert!(!change.sets);
    let mut hasty = new.clone();
    hasty.connections.get_mut(&id("same")).unwrap().pace.at_once = 1;
    assert_eq!(
        diff(&old, &hasty).connections[&id("same")],
        ConnectionChange::RemoteChanged
    );
    let same = new.connections.get_mut(&id("same")).unwrap();
    same.remote
        .insert("url".to_owned(), json!("https://other.example"));
    assert_eq!(
        diff(&old, &new).connections[&id("same")],
        ConnectionChange::RemoteChanged
    );
    assert_eq!(diff(&new, &new), ConfigChange::default());
}

#[test]
fn a_day_begins_in_the_daemons_time_zone_and_an_instant_has_its_offset() {
    let zone = jiff::tz::TimeZone::get("America/Mexico_City").unwrap();
    for (written, wanted) in [
        ("2026-11-01", Some("2026-11-01T06:00:00Z")),
        ("2026-11-01T08:00:00Z", Some("2026-11-01T08:00:00Z")),
        ("2026-11-01T08:00:00-06:00", Some("2026-11-01T14:00:00Z")),
        ("2026-11-01T08:00:00", None),
        ("1969-12-30", None),
        ("2026-13-01", None),
        ("yesterday", None),
        ("", None),
    ] {
        let wanted = wanted.map(|wanted| wanted.parse().unwrap());
        assert_eq!(value::parse_instant(written, zone.clone()), wanted, "{written}");
    }
}

#[test]
fn a_day_may_be_written_without_quotes() {
    let quoted = policy("[orders]\nclone = true\nclone_since = \"2026-11-01\"");
    let bare = policy("[orders]\nclone = true\nclone_since = 2026-11-01");
    assert!(matches!(quoted.orders.clone, CloneOrders::Since(_)));
    assert_eq!(quoted.orders.clone, bare.orders.clone);
    let off = policy("[orders]\nclone_since = 2026-11-01");
    assert_eq!(off.orders.clone, CloneOrders::None);
}
