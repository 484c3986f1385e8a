use super::*;
use crate::time::Time;

fn shape_of(message: &str) -> String {
    let mut shape = String::new();
    shape::shape(message, "Main shop", &mut shape);
    shape
}

fn check(message: &str, wanted: &str) {
    assert_eq!(shape_of(message), wanted, "{message}");
}

#[test]
fn what_names_or_counts_one_record_is_a_placeholder() {
    check(
        "Main shop refused it: Invalid or duplicated SKU.",
        "{connection} refused it: Invalid or duplicated SKU.",
    );
    check("The SKU AB-12/X is taken.", "The SKU {id} is taken.");
    check("The SKU (woo-vneck-tee) is taken.", "The SKU ({id}) is taken.");
    check("SKU RED-SHIRT is taken", "SKU {id} is taken");
    check(
        "Product #4711 costs $199.00, not 1,234.56 MXN (12%).",
        "Product #{number} costs {price}, not {number} MXN ({number}).",
    );
    check("It weighs 12.5kg", "It weighs {number}kg");
    check("See https://shop.example/wp-json?id=7.", "See {address}.");
    check("Ask ana@shop.example!", "Ask {email}!");
    check("gid://shopify/Product/632910392 not found", "{id} not found");
    check(
        "Since 2026-11-03T10:00:00Z, at 10:32 on 03/11/2026",
        "Since {date}, at {time} on {date}",
    );
    check(
        "Image 9b74c9897bac770ffc029102a200c5de is too large",
        "Image {id} is too large",
    );
    check(
        "variants[0].price and line_items.3.sku and /wc/v3/products/37",
        "variants[{number}].price and line_items.{number}.sku and /wc/v3/products/{number}",
    );
    check("sku=hoodie-blue, id:37", "sku={id}, id:{number}");
    check("The  price\n is   missing ", "The price is missing");
}

#[test]
fn quoted_texts_are_one_placeholder_and_apostrophes_are_none() {
    for quoted in [
        "\"Hoodie\"",
        "“Hoodie, blue”",
        "«Sudadera»",
        "„Pulli“",
        "'Hoodie'",
        "‘Hoodie’",
        "`Hoodie`",
        "&quot;Hoodie&quot;",
    ] {
        check(&format!("{quoted} can't be sold"), "\"…\" can't be sold");
    }
    check("The shops' title doesn't fit", "The shops' title doesn't fit");
    check("Main shop's price", "{connection}'s price");
    check("'the shop's tee' is“a”b", "\"…\" is\"…\"b");
    check("\"Hoodie\": taken", "\"…\": taken");
    check("A \" that is never closed", "A \" that is never closed");
}

#[test]
fn in_json_what_went_wrong_stays_and_data_goes() {
    check(
        r#"{"code":"product_invalid_sku","message":"Invalid or duplicated SKU.","data":{"status":400,"resource_id":37,"unique_sku":"shirt-1"}}"#,
        r#"{"code":"product_invalid_sku","message":"Invalid or duplicated SKU.","data":{"status":400,"resource_id":{number},"unique_sku":"…"}}"#,
    );
    check(
        r#"Main shop refused it: {"errors":{"title":["can't be blank"],"sku":["\"A-1\" is taken"]}}"#,
        r#"{connection} refused it: {"errors":{"title":["can't be blank"],"sku":[""…" is taken"]}}"#,
    );
    check(
        r#"{"data":{"name":"Hoodie","tags":["red","blue"]},"message":"C\u00f3digo no v\u00e1lido"}"#,
        r#"{"data":{"name":"…","tags":["…", …]},"message":"Código no válido"}"#,
    );
    check(
        r#"[{"field":["variants","0","price"],"message":"must be positive"}]"#,
        r#"[{"field":["variants","{number}","price"],"message":"must be positive"}]"#,
    );
}

#[test]
fn a_connection_is_known_by_its_whole_name() {
    check("Main shop: Main shopping", "{connection}: Main shopping");
    let mut shape = String::new();
    shape::shape("Nobody's shop", "", &mut shape);
    assert_eq!(shape, "Nobody's shop");
}

#[test]
fn of_a_long_message_the_beginning_counts_up_to_a_whole_letter() {
    let long = "ñandú ".repeat(200);
    let shape = shape_of(&long);
    assert!(long.starts_with(&shape));
    assert!((597..=602).contains(&shape.len()), "{}", shape.len());
    let short = "a".repeat(600);
    assert_eq!(shape_of(&short), short);
}

#[test]
fn brackets_are_json_only_where_json_begins() {
    check("{value} [sic] of {0}", "{value} [sic] of {{number}}");
    check(
        "a list [] and an end ]} of, nothing: here",
        "a list [] and an end ]} of, nothing: here",
    );
    check("refused:{\"code\":\"taken\"}", "refused:{\"code\":\"taken\"}");
    check("refused:{code}", "refused:{code}");
    check("No {\"sku\":\"A-1\"}, so \"x\"", "No {\"sku\":\"…\"}, so \"…\"");
    check(
        "{\"message\": [[true, 12], null]}",
        "{\"message\": [[true, {number}], null]}",
    );
    check(
        "{\"data\": {}, \"error\": \"gone\"}",
        "{\"data\": {}, \"error\": \"gone\"}",
    );
    check("[{\"id\": 7}] [3]", "[{\"id\": {number}}] [{number}]");
    check(
        "{\"a\":[1,\"b\"],\"code\":\"c\"}",
        "{\"a\":[{number},\"…\"],\"code\":\"c\"}",
    );
    check(
        "{1,2} [1,2] [\"a\",1,2]",
        "{{number}} [{number}] [\"…\",{number}, …]",
    );
    check("]12 }12 :5 a{1}b R&D-1", "{id} {id} {id} {id} {id}");
    check("{\"error\":\"gone\"} \"x\": y", "{\"error\":\"gone\"} \"…\": y");
    check("x&quot;blue hoodie&quot; & more&quot;", "x\"…\" & more&quot;");
}

#[test]
fn what_stands_before_a_word_says_whether_it_is_a_name() {
    check("SKU (shirt) (shirt)", "SKU ({id}) (shirt)");
    check("sku=shirt title=shirt", "sku={id} title=shirt");
    check("HTTP 404 of 404", "HTTP 404 of {number}");
    check("A-B a-B A-b AB --", "{id} a-B A-b AB --");
    check("A-\u{661} X-1 Ñ-Á", "{id} {id} {id}");
}

#[test]
fn mails_numbers_and_prices_are_whole_words() {
    check("@shop.example ana@shop ana@shop.example", "{id} {id} {email}");
    check(
        "-12% 12a 1a2 a12 12. ,5",
        "{number} {id} {id} {id} {number}. ,{number}",
    );
    check(
        "12\u{20ac} $ $x 3,4 a1,b2 1;2",
        "{price} $ $x {number} {id}, … {number};{number}",
    );
    check("=1 id= a=1 a1=2 a_b:3", "{id} {id} a={number} {id} a_b:{number}");
    check(
        "a/1 v3/x 1/2 a.b.3 X/1 a//2",
        "a/{number} v3/x {id} {id} {id} a//{number}",
    );
}

/// Whether two messages are one pattern.
fn check_pair(alike: bool, first: &str, second: &str) {
    let (first, second) = (shape_of(first), shape_of(second));
    assert_eq!(first == second, alike, "{first} | {second}");
}

#[test]
fn messages_are_alike_when_only_the_record_differs() {
    for (first, second) in [
        ("SKU A-1 is taken", "SKU hoodie_blue is taken"),
        ("The price 12 is too low", "The price 1,299.50 is too low"),
        (
            "\"Blue hoodie\" at Main shop could be any of 2 products here.",
            "\"Größe 42 – Ñandú\" at Main shop could be any of 17 products here.",
        ),
        ("El SKU «ABC-1» ya existe", "El SKU «camisa roja» ya existe"),
        (
            "El código 7501031311309 no es válido",
            "El código 40 no es válido",
        ),
        ("Known are 1, 2", "Known are 1, 2, 3, 4"),
        ("Known are \"a\", \"b\"", "Known are \"a\", \"b\", \"c\""),
        (
            r#"{"code":"x","data":{"id":1}}"#,
            r#"{"code":"x","data":{"id":22}}"#,
        ),
        (
            "No se encontró el producto 12 (٣ veces)",
            "No se encontró el producto 13 (٤٥ veces)",
        ),
    ] {
        check_pair(true, first, second);
    }
    for (first, second) in [
        ("The title is too long", "The brand is too long"),
        (
            "There is no rate from EUR to MXN",
            "There is no rate from USD to MXN",
        ),
        ("HTTP 404: not there", "HTTP 500: not there"),
        ("INVALID_SKU", "INVALID_TITLE"),
        (
            r#"{"code":"product_invalid_sku"}"#,
            r#"{"code":"product_invalid_id"}"#,
        ),
        ("sku: has already been taken", "sku: is too long"),
        ("El título está vacío", "El precio está vacío"),
        ("Main shop refused it: blank", "Other shop refused it: blank"),
    ] {
        check_pair(false, first, second);
    }
}

#[test]
fn any_text_has_a_shape_that_is_its_own_and_not_much_longer() {
    for text in [
        "",
        " ",
        "\"",
        "{\"",
        "[[[[",
        "}}]]",
        "\\\"",
        "'",
        "&quot;",
        "{\"a\":",
        "a:\"",
        "#",
        "=",
        "ß\u{301}\"é\"",
        "…,,,",
    ] {
        let shape = shape_of(text);
        assert!(shape.len() <= text.len() * 3 + 10, "{text} became {shape}");
    }
    let page = "<p>Größe</p> ".repeat(10_000);
    assert!(shape_of(&page).len() < 2_000);
}

#[test]
fn the_biggest_group_comes_first_then_the_code_then_the_shape() {
    let (main, outlet) = (id("main"), id("outlet"));
    let issue = |code, severity, message: String| Issue {
        code,
        severity,
        path: None,
        message,
        at: Time(0),
    };
    let refused = |name: &str, n: u64| {
        let message = format!("{name} refused it: SKU A-{n} is taken.");
        issue(Code::Refused, Severity::Error, message)
    };
    let mut issues = Vec::new();
    for n in 0..EXAMPLES as u64 + 2 {
        let (connection, name) = if n % 2 == 0 {
            (&outlet, "Outlet")
        } else {
            (&main, "Main shop")
        };
        issues.push((connection, name, Some(ItemId(n)), refused(name, n)));
    }
    for (code, message) in [(Code::Conflict, "B"), (Code::Refused, "A"), (Code::Conflict, "A")] {
        let issue = issue(code, Severity::Notice, message.to_owned());
        issues.push((&main, "Main shop", None, issue));
    }
    let found = patterns(issues.iter().map(|(connection, name, item, issue)| {
        let origin = Origin {
            connection,
            name,
            item: *item,
        };
        (origin, issue)
    }));
    let told: Vec<_> = found
        .iter()
        .map(|pattern| (pattern.count, pattern.code, pattern.shape.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (7, Code::Refused, "{connection} refused it: SKU {id} is taken."),
            (1, Code::Conflict, "A"),
            (1, Code::Conflict, "B"),
            (1, Code::Refused, "A"),
        ]
    );
    let [first, ..] = found.as_slice() else {
        unreachable!()
    };
    assert_eq!(first.connections, [main, outlet.clone()]);
    assert_eq!(first.severity, Severity::Error);
    assert_eq!(first.examples.len(), EXAMPLES);
    let example = Example {
        connection: outlet,
        item: Some(ItemId(0)),
        message: "Outlet refused it: SKU A-0 is taken.".to_owned(),
    };
    assert_eq!(first.examples[0], example);
}

fn id(id: &str) -> ConnectionId {
    ConnectionId::parse(id).unwrap()
}
