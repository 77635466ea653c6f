//! The digest as its readers get it: same bytes each time, every figure with its row, nothing that a hostile text could do.

mod invented;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use corpus::Shift;
use digest::{render_csv, render_html, render_json, render_table};
use invented::{day, input, key, month, quiet_input, register, shifts, table};
use privacy::{Disclosed, Guard, ReleaseRegister, ReleasedCell, ReleasedTable, TOO_FEW};
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
fn released_parts_beyond_four_are_told_as_released() {
    let shifts = shift_of_a_topic();
    let html = render_html(&digest::DigestInput { shifts, ..quiet_input() });
    let told = plain(between(&html, "什么推动了变化", "</table>"));
    // Six units, of which one is told of as a range: five have exact figures, four are named.
    assert!(
        told.contains("另有已公布的 1 个部分") && told.contains("其余（未公布的部分和取整）"),
        "{told}"
    );
}

#[test]
fn a_topic_that_returns_names_the_one_that_it_continues() {
    let html = render_html(&input());
    let told = between(&html, "文字中出现、增多和再次出现的话题", "</table>");
    assert!(
        plain(told).contains("智能安全帽新出现15e2叉车充电再次出现，接续 e110e3"),
        "{}",
        plain(told)
    );
    let json: serde_json::Value = serde_json::from_str(&render_json(&input())).unwrap();
    assert_eq!(json["emerging"][2]["kind"], "returning");
    assert_eq!(json["emerging"][2]["id"], "2026-10/叉车充电");
    assert_eq!(json["emerging"][2]["continues"], "2026-09/电动叉车");
}

#[test]
fn each_alarm_stands_with_its_own_texts() {
    let html = render_html(&input());
    let (canteen, unit) = (article(&html, "s1"), article(&html, "s2"));
    assert!(!canteen.contains("<blockquote") && unit.contains("<blockquote id=\"s2q1\""), "{unit}");
    assert!(canteen.contains("这条预警没有可公布的摘录"));
    let json: serde_json::Value = serde_json::from_str(&render_json(&input())).unwrap();
    assert_eq!(json["alarm_quotations"][0]["row"], "s2");
    assert_eq!(json["alarm_quotations"][0]["quotations"], serde_json::json!([]), "twelve people");
}

#[test]
fn what_lies_behind_an_alarm_is_told_of_released_series() {
    let html = render_html(&input());
    let canteen = plain(&article(&html, "s1"));
    assert!(canteen.contains("变化中约 10% 只是各部分发声多少的变化"), "{canteen}");
    assert!(canteen.contains("同一变化也见于：「采油一厂」，不另计预警"), "{canteen}");
    let mixes = plain(between(&html, "<h3>发声构成的变化</h3>", "以往的预警"));
    assert!(mixes.contains("「职工培训中心」") && mixes.contains("约 80%"), "{mixes}");
    assert!(mixes.contains("推动最多的部分（已公布的）：「职工培训中心 · 意见箱」。"), "{mixes}");
    assert!(!html.contains("小队"));
    let quiet = render_html(&quiet_input());
    assert!(!quiet.contains("发声构成的变化"));
}

#[test]
fn what_could_not_be_seen_is_that_of_the_detector_in_force() {
    let html = render_html(&quiet_input());
    let told = plain(between(&html, "看不出来的变化", "</table>"));
    assert!(told.contains("在 14 天内") && told.contains("每年误报约 0.027 次"), "{told}");
    let (blind, seeing) =
        (told.find("任何变化都看不出的序列 1 个：「采油二厂」"), told.find("采油一厂0.25"));
    assert!(blind.unwrap() < seeing.unwrap(), "{told}");
    let json: serde_json::Value = serde_json::from_str(&render_json(&quiet_input())).unwrap();
    assert_eq!(json["detectable"]["days"], 14);
    assert_eq!(json["detectable"]["effects"].as_array().unwrap().len(), 2, "小队 is not told of");
}

#[test]
fn a_long_line_is_told_in_stretches_and_each_has_its_row() {
    let html = render_html(&input());
    let told = plain(between(&html, "长期走势的分段：", "</table>"));
    let (whole, canteen) = (told.find("2026年9月1日起 +0.10r2"), told.find("食堂"));
    assert!(whole.unwrap() < canteen.unwrap(), "{told}");
    assert!(told.contains("+0.30r3 → 2026年5月1日起 +0.10r4"), "{told}");
    assert!(html.contains("<tr id=\"r5\">"));
    let json: serde_json::Value = serde_json::from_str(&render_json(&input())).unwrap();
    assert_eq!(
        (&json["regimes"][4]["mean"], &json["regimes"][4]["last"]),
        (&(-0.2).into(), &"2026-10-31".into())
    );
    assert!(!render_html(&quiet_input()).contains("长期走势的分段"));
}

#[test]
fn a_source_that_falls_silent_is_noted() {
    let scope = |input: &digest::DigestInput| {
        plain(between(&render_html(input), "aria-label=\"数据范围\"", "</section>"))
    };
    assert!(!scope(&quiet_input()).contains("以往公布"));
    let silent = digest::DigestInput { table: without_last("内部论坛"), ..quiet_input() };
    assert!(scope(&silent).contains("本期不足最小人数的来源：内部论坛。"), "{}", scope(&silent));
}

#[test]
fn the_budget_of_the_default_mode_is_told() {
    let method = plain(between(&render_html(&input()), "方法与版本", "看不出来的变化"));
    assert!(method.contains("全部序列合计每年约 2 次"), "{method}");
    let json: serde_json::Value = serde_json::from_str(&render_json(&input())).unwrap();
    assert_eq!(
        json["method"]["promise"],
        serde_json::json!({"kind": "calibrated", "false_alarms_per_year": 2.0})
    );
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
    assert!(scope.contains("意见箱8,2148,0104123112014268相符"), "{scope}");
    assert!(scope.contains("合计 62 篇") && !scope.contains("没有统计"), "{scope}");
    assert!(scope.contains("内部论坛8,2158,0104123112014268不符"), "{scope}");
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
    assert!(!input.alarm_quotations[0].quotations.shown.get().is_empty());
    assert_eq!(json["quotations"], serde_json::json!([]));
    let table = render_table(&input.exported);
    assert_eq!(table.lines().count(), 1 + input.exported.get().cells.len());
    assert!(!table.contains(TOO_FEW));
}

#[test]
fn the_json_names_rows_that_it_holds() {
    let json: serde_json::Value = serde_json::from_str(&render_json(&input())).unwrap();
    assert_eq!(json["schema"], "huisheng-digest/3");
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

/// A fall of one topic everywhere.
fn shift_of_a_topic() -> Disclosed<Vec<Shift>> {
    let shift = Shift {
        key: key(None, None, Some("食堂")),
        alarm: day("2026-10-14"),
        ..shifts()[0].clone()
    };
    Guard::default().release_shifts(vec![shift], &table())
}

/// The same when nothing could be told of a source in the last month.
fn without_last(source: &str) -> Disclosed<ReleasedTable> {
    let entries = register().entries().cloned().collect::<Vec<_>>().into_iter().map(|mut entry| {
        let is_last = entry.period == month("2026-10");
        let of_source = |cell: &ReleasedCell| {
            cell.key.source.as_ref().is_some_and(|name| name.as_str() == source)
        };
        entry.cells.retain(|cell| !(is_last && of_source(cell)));
        entry.people.clear();
        entry
    });
    Guard::default().table(&ReleaseRegister::new(entries))
}

/// The article of an alarm.
fn article(html: &str, row: &str) -> String {
    let article =
        html.split("<article").skip(1).find(|part| part.contains(&format!("data-cell=\"{row}\"")));
    let (own, _) =
        article.and_then(|rest| rest.split_once("</article>")).expect("one article of it");
    own.to_owned()
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
