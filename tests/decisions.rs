//! What a person decides in the console: reviews, undoing, first meetings, issues.

use crate::{
    review::{retitle, reviewed, titled},
    support::browser::Window,
    walk::{button, open},
};

#[tokio::test]
async fn what_waits_for_an_approval_is_approved_sent_and_put_back_again() {
    let daemon = reviewed(8).await;
    retitle(&daemon, &[1, 2, 3], "New").await;
    let browser = open(&daemon, Window::WIDE).await;

    browser.press(&button("one", "send")).await;
    let standing = "dialog .question [role=status]";
    browser
        .says(standing, "the dialog says what waits", |said| {
            said.len() == 1 && said[0].starts_with("3 products and orders wait for your approval")
        })
        .await;
    let primary = "dialog footer .primary";
    let disabled = browser.shown(primary).await.attr("disabled").await;
    assert!(
        disabled.expect("an attribute").is_some(),
        "nothing may be sent yet"
    );
    browser.press("dialog .pending li [data-say=approve]").await;
    browser
        .says(primary, "one may be sent", |said| *said == ["Send 1 change"])
        .await;
    browser
        .press("dialog .pending li:nth-child(2) [data-say=reject]")
        .await;
    browser
        .says(standing, "one waits, one is approved", |said| {
            said.len() == 1
                && said[0].starts_with("1 product or order waits")
                && said[0].contains("1 approved")
        })
        .await;
    browser.picture("decisions-review").await;
    browser.press(primary).await;
    browser
        .says(
            "dialog .told.good",
            "what was sent and what still waits",
            |said| {
                said.len() == 1
                    && said[0].contains("1 updated there")
                    && said[0].contains("1 product or order waits")
            },
        )
        .await;
    assert_eq!(titled(&daemon, "New"), ["New 1"]);
    browser.press(primary).await;

    // What was decided against is told where the product is, and can be decided about again.
    browser
        .goto(daemon.url("/products/2"))
        .await
        .expect("the page loads");
    let question = "[data-review=one]";
    browser
        .says(question, "it was decided against", |said| {
            said.len() == 1 && said[0].contains("You decided not to send to")
        })
        .await;
    browser.press("[data-review=one] [data-say=reconsider]").await;
    browser
        .says(question, "it waits again", |said| {
            said.len() == 1 && said[0].contains("wait for your approval")
        })
        .await;
    browser.press("[data-review=one] [data-say=approve]").await;
    browser
        .says(question, "it is approved", |said| {
            said.len() == 1 && said[0].contains("Approved")
        })
        .await;

    // All of a list at once, after a second word.
    browser
        .goto(daemon.url("/products?set=pending:updates@one"))
        .await
        .expect("the page loads");
    browser.press(".question button").await;
    browser.press(".question .primary").await;
    let all = async || daemon.get("/api/v1/connections/one/pending").await["approved"].as_u64();
    crate::support::wait_until("all are approved", all, |approved| *approved == Some(2)).await;

    // Undo shows first what would be put back, and that waits for an approval again.
    browser.keys("gj").await;
    browser.press("[data-dialog=job]").await;
    browser.press("[data-undo]").await;
    browser
        .says("dialog .verdict", "what would be put back", |said| {
            said.len() == 1 && said[0].starts_with("1 value of 1 product would be put back")
        })
        .await;
    browser.picture("decisions-undo").await;
    browser.press("[data-undo-now]").await;
    browser
        .says(
            "dialog .pending ins",
            "the old title waits to be put back",
            |said| said.len() == 3 && said.iter().any(|new| !new.starts_with("New")),
        )
        .await;
    browser.close().await;
}
