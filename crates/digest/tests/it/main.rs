//! The digest as its readers get it: same bytes each time, every figure with its row, nothing that a hostile text could do.

mod invented;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use digest::{render_csv, render_html, render_json, render_table};
use invented::{input, quiet_input};
use privacy::{Guard, ReleaseRegister, TOO_FEW};
use sha2::{Digest as _, Sha256};

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(render_html(&input()), render_html(&input()));
    assert_eq!(render_csv(&input()), render_csv(&input()));
    assert_eq!(render_json(&input()), render_json(&input()));
}

#[test]
fn the_summary_says_what_changed() {
    let html = render_html(&input());
    let summary = plain(between(&html, "<ol class=\"findings\">", "</ol>")).replace('\u{a0}', " ");
    assert_eq!(
        summary,
        "「采油一厂 · 食堂」平均倾向由 +0.21 降至 −0.15，变化 −0.36（95% 区间 −0.47 至 −0.25），最可能始于 2026年9月8日s1。\
         「采油一厂」平均倾向由 +0.12 降至 −0.09，变化 −0.21（95% 区间 −0.30 至 −0.12），最可能始于 2026年9月8日s2。\
         「智能安全帽」是文字中新出现的话题，至少 15 人谈及e2。"
    );
}

#[test]
fn what_moved_a_series_is_told_by_its_released_parts() {
    let html = render_html(&input());
    let told = plain(between(&html, "什么推动了变化", "</table>"));
    assert!(told.starts_with("：2026年8月到2026年10月，平均倾向由"), "{told}");
    assert!(told.contains("采油一厂 · 意见箱") && told.contains("采油一厂 · 内部论坛"), "{told}");
    assert!(told.contains("其余"), "{told}");
}

#[test]
fn a_quiet_month_says_so_and_nothing_more() {
    let html = render_html(&quiet_input());
    assert!(
        html.contains("没有达到门槛的变化"),
        "{}",
        plain(between(&html, "<main>", "</section>"))
    );
    assert!(!html.contains("<article"));
}

#[test]
fn hostile_names_and_texts_stay_text() {
    let html = render_html(&input());
    assert!(
        html.contains("&lt;script&gt;alert(1)")
            && html.contains("&lt;img src=x onerror=alert(1)&gt;")
    );
    assert!(!html.contains("<script") && !html.contains("<img"));
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let html = render_html(&input()).replace("http://www.w3.org/2000/svg", "");
    for loading in
        ["http:", "https:", " src=\"", "@import", "url(", "<link", "<iframe", " style=\""]
    {
        assert!(!html.contains(loading), "{loading}");
    }
}

#[test]
fn the_content_policy_allows_exactly_this_style() {
    let html = render_html(&input());
    let hash = STANDARD.encode(Sha256::digest(between(&html, "<style>", "</style>")));
    assert!(html.contains(&format!("style-src 'sha256-{hash}'")));
}

#[test]
fn every_figure_leads_to_its_row() {
    for html in [render_html(&input()), render_html(&quiet_input())] {
        let ids: Vec<&str> = values(&html, " id=\"");
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), distinct.len(), "an id stands twice");
        let targets: Vec<&str> =
            values(&html, "data-cell=\"").into_iter().chain(values(&html, "href=\"#")).collect();
        assert!(targets.len() > 100, "{}", targets.len());
        for target in targets {
            assert!(distinct.contains(target), "no row {target}");
        }
    }
}

#[test]
fn figures_that_were_not_released_have_one_neutral_answer() {
    let nothing = Guard::default().table(&ReleaseRegister::default());
    let html = render_html(&digest::DigestInput { table: nothing, ..quiet_input() });
    assert!(
        plain(between(&html, "<dl class=\"figures\">", "</dl>")).starts_with("声音不足最小人数")
    );
    assert!(!html.contains("NaN") && !html.contains("inf"));
}

#[test]
fn a_source_whose_counts_do_not_add_up_is_shown_as_such() {
    let html = render_html(&input());
    let scope = plain(between(&html, "aria-label=\"数据范围\"", "</section>"));
    assert!(scope.contains("意见箱8,2148,01041212014268相符"), "{scope}");
    assert!(scope.contains("内部论坛8,2158,01041212014268不符"), "{scope}");
}

#[test]
fn forms_are_told_of_their_month() {
    let polarity = |input| {
        let html = render_html(&input);
        plain(between(&html, "aria-label=\"情感\"", "</section>"))
    };
    let told = polarity(input());
    assert!(told.contains("意见箱10%受益匪浅") && !told.contains("学以致用"), "{told}");
    assert!(!polarity(quiet_input()).contains("套话"));
}

#[test]
fn the_csv_opens_in_excel() {
    let csv = render_csv(&input());
    assert!(csv.starts_with('\u{feff}'));
    let lines: Vec<&str> = csv.trim_end_matches("\r\n").split("\r\n").collect();
    assert_eq!(lines.len(), 1 + input().table.get().cells.len());
    assert!(lines.iter().all(|line| line.split(',').count() == lines[0].split(',').count()));
    assert!(lines[1].starts_with("c1,,,,2026-01,公布,"), "{}", lines[1]);
}

#[test]
fn files_tell_nothing_of_cells_with_too_few_people_for_a_file() {
    let (input, csv) = (input(), render_csv(&input()));
    let json: serde_json::Value = serde_json::from_str(&render_json(&input)).unwrap();
    let mut withheld = 0;
    for (number, cell) in input.table.get().cells.iter().enumerate() {
        let is_exported = input.exported.get().cells.contains(cell);
        let line = csv.lines().nth(number + 1).unwrap();
        assert!(line.starts_with(&format!("c{},", number + 1)), "{line}");
        assert_eq!(line.ends_with(&format!("{TOO_FEW},,,,,,,,,,")), !is_exported, "{line}");
        let kind = &json["table"]["cells"][number]["figures"]["kind"];
        assert_eq!(kind == "suppressed", !is_exported, "{line}");
        withheld += usize::from(!is_exported);
    }
    assert!(withheld > 0 && withheld < input.table.get().cells.len());
    // Twelve people are quoted on the page, not in a file.
    assert!(!input.quotations.get().is_empty());
    assert_eq!(json["quotations"], serde_json::json!([]));
    let table = render_table(&input.exported);
    assert_eq!(table.lines().count(), 1 + input.exported.get().cells.len());
    assert!(!table.contains(TOO_FEW));
}

#[test]
fn the_json_names_rows_that_it_holds() {
    let json: serde_json::Value = serde_json::from_str(&render_json(&input())).unwrap();
    assert_eq!(json["schema"], "huisheng-digest/2");
    assert_eq!(
        (json["period"].as_str(), json["prepared"].as_str()),
        (Some("2026-10"), Some("2026-11-09"))
    );
    assert_eq!(json["findings"][2]["row"], "e2");
    assert_eq!(json["emerging"][1]["terms"][0], "智能安全帽");
    let quiet: serde_json::Value = serde_json::from_str(&render_json(&quiet_input())).unwrap();
    let emerged = quiet["findings"][0]["row"]
        .as_str()
        .unwrap()
        .strip_prefix('c')
        .unwrap()
        .parse::<usize>()
        .unwrap();
    assert_eq!(json["table"]["cells"][emerged - 1]["key"]["topic"], "劳保用品");
    assert_eq!(json["table"]["cells"][emerged - 1]["period"], "2026-10");
}

/// The text of a piece of HTML.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for character in html.chars() {
        match character {
            '<' => in_tag = true,
            '>' => in_tag = false,
            other if !in_tag => text.push(other),
            _ => {}
        }
    }
    text
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let after = text.split_once(start).unwrap_or_else(|| panic!("no {start}")).1;
    after.split_once(end).unwrap_or_else(|| panic!("no {end}")).0
}

/// What stands between `opening` and the next quotation mark, each time.
fn values<'a>(html: &'a str, opening: &str) -> Vec<&'a str> {
    html.split(opening).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}
