use super::*;

/// A platform that has so many hands: calls that wait for one take longer. Each takes `alone` while nobody waits.
struct Platform {
    hands: f64,
    alone: f64,
    /// More calls than so in the last second are refused.
    per_second: Option<usize>,
}

/// What came of asking a platform for a while.
struct Asked {
    limit: Limit,
    /// Calls under way at each begin, of the second half.
    at_once: Vec<u32>,
    answered: f64,
    throttled: f64,
    seconds: f64,
}

const AS_THEY_COME: Ceilings = Ceilings {
    at_once: 16,
    per_second: None,
};

/// Asks as fast as the limit lets, for so many calls.
fn ask(platform: &Platform, ceilings: Ceilings, calls: usize) -> Asked {
    let start = Instant::now();
    let mut now = start;
    let mut limit = Limit::new(ceilings);
    // When they end, when they began, and how they end.
    let mut under_way: Vec<(Instant, Instant, End)> = Vec::new();
    let mut lately: VecDeque<Instant> = VecDeque::new();
    let (mut at_once, mut answered, mut throttled) = (Vec::new(), 0.0, 0.0);
    for made in 0..calls {
        loop {
            under_way.sort_by_key(|(ends, ..)| *ends);
            match limit.turn(now) {
                Turn::Now => break,
                Turn::At(at) if under_way.first().is_none_or(|(ends, ..)| *ends > at) => now = at,
                Turn::At(_) | Turn::AfterAnother => {
                    let (ends, begun, end) = under_way.remove(0);
                    now = ends;
                    limit.end(begun, now, &end);
                }
            }
        }
        limit.begin(now);
        while lately
            .front()
            .is_some_and(|begun| now - *begun >= Duration::from_secs(1))
        {
            lately.pop_front();
        }
        let refused = platform.per_second.is_some_and(|most| lately.len() >= most);
        let (took, end) = if refused {
            throttled += 1.0;
            (Duration::from_millis(5), End::Throttled { retry_after: None })
        } else {
            answered += 1.0;
            lately.push_back(now);
            let busy = f64::from(limit.under_way);
            let took = Duration::from_secs_f64(platform.alone * (busy / platform.hands).max(1.0));
            let kind = "GET products".to_owned();
            (took, End::Answered { kind, took })
        };
        under_way.push((now + took, now, end));
        if made >= calls / 2 {
            at_once.push(limit.under_way);
        }
    }
    Asked {
        limit,
        at_once,
        answered,
        throttled,
        seconds: (now - start).as_secs_f64(),
    }
}

#[test]
fn a_platform_is_kept_busy_and_no_more_is_asked_of_it_than_helps() {
    for (hands, least, most) in [(1.0, 1, 3), (2.0, 2, 4), (4.0, 4, 6), (8.0, 8, 10)] {
        let asked = ask(
            &Platform {
                hands,
                alone: 0.8,
                per_second: None,
            },
            AS_THEY_COME,
            400,
        );
        let at_once = &asked.at_once;
        let (low, high) = (*at_once.iter().min().unwrap(), *at_once.iter().max().unwrap());
        assert!(low >= least && high <= most, "{hands} hands: {low} to {high}");
    }
}

#[test]
fn a_few_pages_of_a_shop_with_two_hands_take_hardly_longer_than_by_the_quickest_reader() {
    let shop = Platform {
        hands: 2.0,
        alone: 1.0,
        per_second: None,
    };
    let asked = ask(&shop, AS_THEY_COME, 16);
    // Two hands do two pages a second.
    assert!(asked.seconds <= 8.0 * 1.1, "{}", asked.seconds);
}

#[test]
fn a_rate_that_is_too_fast_is_found_and_kept_below() {
    let shop = Platform {
        hands: 8.0,
        alone: 0.05,
        per_second: Some(10),
    };
    let asked = ask(&shop, AS_THEY_COME, 2000);
    let share = asked.throttled / asked.answered;
    let rate = asked.answered / asked.seconds;
    assert!(
        share < 0.03,
        "{} of {} were refused",
        asked.throttled,
        asked.answered
    );
    assert!(rate > 7.0, "{rate} a second of 10");
}

#[test]
fn ceilings_hold_whatever_the_platform_would_take() {
    let shop = Platform {
        hands: 100.0,
        alone: 0.2,
        per_second: None,
    };
    for (at_once, per_second) in [(1, None), (4, None), (16, Some(10.0)), (3, Some(0.5))] {
        let ceilings = Ceilings { at_once, per_second };
        let asked = ask(&shop, ceilings, 100);
        assert!(
            asked.at_once.iter().all(|calls| *calls <= at_once),
            "{ceilings:?}"
        );
        let rate = 99.0 / asked.seconds;
        assert!(
            per_second.is_none_or(|most| rate <= most * 1.001),
            "{rate} at {ceilings:?}"
        );
    }
}

#[test]
fn what_ends_badly_slows_down_once_for_all_that_was_under_way() {
    let check = |end: End, at_once: u32, slower: bool, paused: Option<u64>| {
        let start = Instant::now();
        let mut limit = Limit::new(AS_THEY_COME);
        limit.at_once = 8.0;
        for call in 0..8 {
            limit.begin(start + Duration::from_millis(call));
        }
        let now = start + Duration::from_secs(1);
        for _ in 0..8 {
            limit.end(start, now, &end);
        }
        assert_eq!(limit.at_once(), at_once, "{end:?}");
        assert_eq!(limit.per_second.is_some(), slower, "{end:?}");
        let until = paused.map(|seconds| now + Duration::from_secs(seconds));
        assert_eq!(limit.paused_until(now), until, "{end:?}");
        let turn = limit.turn(now + Duration::from_secs(60));
        assert_eq!(turn, until.map_or(Turn::Now, Turn::At), "{end:?}");
    };
    let told = Some(Duration::from_secs(90));
    check(End::Untold, 8, false, None);
    check(End::Throttled { retry_after: None }, 4, true, None);
    check(End::Throttled { retry_after: told }, 4, true, Some(90));
    check(End::Overloaded { retry_after: None }, 4, false, None);
    check(End::Overloaded { retry_after: told }, 4, false, Some(90));
}

#[test]
fn after_trouble_it_goes_up_again() {
    let shop = Platform {
        hands: 6.0,
        alone: 0.3,
        per_second: None,
    };
    let mut now = Instant::now();
    let mut limit = ask(&shop, AS_THEY_COME, 300).limit;
    limit.begin(now);
    let before = limit.at_once();
    limit.end(now, now, &End::Overloaded { retry_after: None });
    assert!(limit.at_once() < before);
    limit.under_way = 0;
    let mut calls = 0;
    while limit.at_once() < before {
        let together = limit.at_once();
        for _ in 0..together {
            limit.begin(now);
        }
        let took = Duration::from_millis(300);
        let begun = now;
        now += took;
        for _ in 0..together {
            let kind = "GET products".to_owned();
            limit.end(begun, now, &End::Answered { kind, took });
        }
        calls += together;
        assert!(calls < 2000, "it stays at {}", limit.at_once());
    }
}
